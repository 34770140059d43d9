"""Rolling forecasts of what is known, proper scores against baselines, and the ledger of forecasts."""
