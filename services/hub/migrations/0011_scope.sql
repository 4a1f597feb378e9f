-- What part of the subdistrict an account is about.

alter table dipper.account add column scope jsonb;
comment on column dipper.account.scope is 'Places of any level, [{"level": "community", "id": "hupan"}, …]; null: everywhere.';
