"""The ground floor: values, rules and statistics of Whyral. Pure: no clock, no chance, no I/O, no imports from other floors."""
