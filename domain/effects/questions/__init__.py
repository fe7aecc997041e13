"""What is asked of a tenant's posts, and the tables that are told beside the effects. Estimating is in the modules above."""
