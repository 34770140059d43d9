"""From priors, the record of warnings and the propositions to draws of all parameters."""
