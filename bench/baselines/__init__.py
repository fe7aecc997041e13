"""What the product is compared with: the same work, done the usual way. The product uses none of it."""
