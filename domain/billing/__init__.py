"""Billing in words of no provider: states, what is kept of a provider's objects, and events. How each provider words them is read here
too (`stripe_wording`, `dodo_wording`); asking a provider is the gateways' business, what a plan allows is `domain.usage` and the plans'.
"""
