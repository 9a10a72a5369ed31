"""Measures and duals to any number of digits, where the arrangement is written down.

For the solvers of every problem max Σ_i b_i(ν_i) under max_u |F(u)| ≤ 1: nothing here is certified.

`plane`       an interior point method over all arcs of the circle
`objectives`  the b_i of the ℓ1-SVM, of interpolation and of the regularised losses
`newton`      its Newton step
`space`       a method over those faces that matter
`vertex`      fewer atoms
"""
