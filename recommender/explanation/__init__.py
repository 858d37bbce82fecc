"""
Why an offer was chosen, as data, from what really drove its score.

================  ==================================  ==============================
kind              fields                              says
================  ==================================  ==============================
due_again         category, times, every_days, last   it is about time again
often_bought      category, times, every_days, last   you buy this every so often
bought_before     category, times, last               you have bought this
similar_to        category                            goes with what you buy there
others_like_you   category                            who buys there buys this too
interest          category                            you said that you like this
popular                                               many customers buy it
chosen                                                nothing of it can be said
================  ==================================  ==============================

``category`` is the category (of an interest perhaps the department) that the reason
speaks of: one that the customer has bought or declared, never an excluded one.
``last`` is a date as ``YYYY-MM-DD``, ``every_days`` the mean days between. What a
customer is (language, store, tier, facts) has its part in scores and is never said.
"""

from recommender.explanation.explaining import Explainer
from recommender.explanation.values import VOICES, Explained, Reason

__all__ = ["VOICES", "Explained", "Explainer", "Reason"]
