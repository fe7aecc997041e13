-- Charts of sounds that were asked for and could not be read.

-- Ask for a newer chart; true where nobody had asked within the hour, or within five minutes where nothing came of it.
create or replace function app.ask_for_chart(wanted_platform text, wanted_country text) returns boolean
  language plpgsql volatile security definer set search_path = public, pg_temp as $body$
begin
  insert into chart_asks as a (platform, country, asked_at) values (wanted_platform, wanted_country, clock_timestamp())
    on conflict (platform, country) do update set asked_at = excluded.asked_at
      where a.asked_at < excluded.asked_at - interval '1 hour'
        or (a.asked_at < excluded.asked_at - interval '5 minutes' and not exists (
          select from trending_sounds t where t.platform = a.platform and t.country = a.country and t.captured_at >= a.asked_at));
  return found;
end $body$;
