"""What decides it: plain functions on the draws of a run, each returning one frozen result with a sentence.

Arrays follow one convention. Parameters: (draws, parameters). Outcomes: (options, draws), the mean over the
replicates of each draw, paired by draw across options; their replicate variances have the same shape.
"""
