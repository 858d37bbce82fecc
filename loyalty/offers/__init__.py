"""Offers: promotions made to particular customers, and the campaigns they are of."""
