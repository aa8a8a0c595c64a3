rtl/example_multiplier.v
rtl/example.v
