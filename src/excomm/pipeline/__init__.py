"""The whole way from a case folder to a brief."""
