-- People and brands that a tenant tells apart, and what was measured of thumbnails.
select 1;
