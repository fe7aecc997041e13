-- Experiments, their arms and what was counted.
select 1;
