-- Predictions that were written down before publication, and scoring models.
select 1;
