-- How much stretches of a fetched video are watched again, as its platform showed it.

ALTER TABLE media ADD COLUMN platform_heat JSONB;
