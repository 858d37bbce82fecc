"""What a draft would cost, and whom it is for, from the shop's own recent baskets."""

from loyalty.usecases.estimate_promotion.cost import Cost, estimate_cost
from loyalty.usecases.estimate_promotion.crowd import Crowd, estimate_crowd

__all__ = ["Cost", "Crowd", "estimate_cost", "estimate_crowd"]
