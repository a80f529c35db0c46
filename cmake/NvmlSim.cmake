# The simulated driver, named as the real one so that any NVML program takes it.
