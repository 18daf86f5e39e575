/** Privacy requests that nobody decides about while their day comes near: a rule that comes with the hub. */
export const sql0036 = `
insert into alert_rules (id, built_in, scope, condition, severity, for_minutes)
  values ('r_privacy', 'privacy', 'hub', 'hub.privacy_requests > 0 && hub.privacy_days < 7.0', 'warning', 0) on conflict do nothing;
`
