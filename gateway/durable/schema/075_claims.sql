-- oldest: 1
-- No statement reads this index, and each claim had to write an entry into every index of the lane because of it.
drop index lanes_held;
