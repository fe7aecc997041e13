"""Paying, over HTTP: what the workspace has, buying and changing it, invoices and payments, and the pages that payers come back to."""
