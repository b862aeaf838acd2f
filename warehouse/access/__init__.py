"""Who may do what: one policy, derived from the contracts, enforced by the engine.

`roles` says what each role is cleared for, `policy` what follows from the contracts, `views` what shows a
dataset at a level; `embedded` and `server_sql` write the same policy for the two engines. `users` keeps who
has which roles, `passwords` checks who they are. Pure but for `users`, `passwords` and `install`.
"""
