/** What is being done and will be an entry of the audit log: a process that dies in between leaves its row, and the row becomes the entry. */
export const sql0030 = `
create table audit_begun (
  id bigint generated always as identity primary key,
  at timestamptz not null,
  actor text not null,
  action text not null,
  subject text
);
`
