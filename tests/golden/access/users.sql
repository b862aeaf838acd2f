CREATE USER OR REPLACE `alice` IDENTIFIED WITH sha256_hash BY 'abababababababababababababababababababababababababababababababab' SALT 'cdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcd' SETTINGS promql_database = 'alice:' CONST;

GRANT `analyst`, `finance` TO `alice`;

SET DEFAULT ROLE ALL TO `alice`;

CREATE USER OR REPLACE `bob` IDENTIFIED WITH sha256_hash BY 'abababababababababababababababababababababababababababababababab' SALT 'cdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcd' SETTINGS promql_database = 'bob:00000000-0000-0000-0000-000000000001' CONST;

GRANT `organizer` TO `bob`;

SET DEFAULT ROLE ALL TO `bob`;
