CREATE SETTINGS PROFILE OR REPLACE `role_analyst` SETTINGS max_memory_usage = 402653184 MIN 1 MAX 402653184, max_execution_time = 60 MIN 1 MAX 60, max_concurrent_queries_for_user = 6;

CREATE ROLE OR REPLACE `analyst` SETTINGS PROFILE 'role_analyst';

GRANT SELECT ON masked.`branding__assets` TO `analyst`;

GRANT SELECT ON masked.`branding__brand_configurations` TO `analyst`;

GRANT SELECT ON masked.`branding__custom_domains` TO `analyst`;

GRANT SELECT ON masked.`branding__templates` TO `analyst`;

GRANT SELECT ON masked.`customers` TO `analyst`;

GRANT SELECT ON masked.`events` TO `analyst`;

GRANT SELECT ON masked.`events__cart_items` TO `analyst`;

GRANT SELECT ON masked.`events__carts` TO `analyst`;

GRANT SELECT ON masked.`events__categories` TO `analyst`;

GRANT SELECT ON masked.`events__event_categories` TO `analyst`;

GRANT SELECT ON masked.`events__event_details` TO `analyst`;

GRANT SELECT ON masked.`events__events` TO `analyst`;

GRANT SELECT ON masked.`events__media` TO `analyst`;

GRANT SELECT ON masked.`events__page_views` TO `analyst`;

GRANT SELECT ON masked.`events__schedule_items` TO `analyst`;

GRANT SELECT ON masked.`events__speakers` TO `analyst`;

GRANT SELECT ON masked.`events__venues` TO `analyst`;

GRANT SELECT ON masked.`financial__exchange_rates` TO `analyst`;

GRANT SELECT ON masked.`financial__fee_schedules` TO `analyst`;

GRANT SELECT ON masked.`financial__invoices` TO `analyst`;

GRANT SELECT ON masked.`financial__payout_lines` TO `analyst`;

GRANT SELECT ON masked.`financial__payouts` TO `analyst`;

GRANT SELECT ON masked.`financial__tax_rates` TO `analyst`;

GRANT SELECT ON masked.`orders` TO `analyst`;

GRANT SELECT ON masked.`organizers` TO `analyst`;

GRANT SELECT ON masked.`payments` TO `analyst`;

GRANT SELECT ON masked.`payments__disputes` TO `analyst`;

GRANT SELECT ON masked.`payments__payments` TO `analyst`;

GRANT SELECT ON masked.`payments__refunds` TO `analyst`;

GRANT SELECT ON masked.`refunds` TO `analyst`;

GRANT SELECT ON masked.`sales_by_day` TO `analyst`;

GRANT SELECT ON masked.`sales_by_event` TO `analyst`;

GRANT SELECT ON masked.`sales_by_organizer` TO `analyst`;

GRANT SELECT ON masked.`sales_by_ticket_type` TO `analyst`;

GRANT SELECT ON masked.`system__notifications` TO `analyst`;

GRANT SELECT ON masked.`system__outbox` TO `analyst`;

GRANT SELECT ON masked.`tickets` TO `analyst`;

GRANT SELECT ON masked.`tickets__check_ins` TO `analyst`;

GRANT SELECT ON masked.`tickets__discount_codes` TO `analyst`;

GRANT SELECT ON masked.`tickets__order_items` TO `analyst`;

GRANT SELECT ON masked.`tickets__orders` TO `analyst`;

GRANT SELECT ON masked.`tickets__pricing_tiers` TO `analyst`;

GRANT SELECT ON masked.`tickets__refund_requests` TO `analyst`;

GRANT SELECT ON masked.`tickets__ticket_configurations` TO `analyst`;

GRANT SELECT ON masked.`tickets__ticket_transfers` TO `analyst`;

GRANT SELECT ON masked.`tickets__ticket_types` TO `analyst`;

GRANT SELECT ON masked.`tickets__tickets` TO `analyst`;

GRANT SELECT ON masked.`users__organizer_members` TO `analyst`;

GRANT SELECT ON masked.`users__organizers` TO `analyst`;

GRANT SELECT ON masked.`users__user_preferences` TO `analyst`;

GRANT SELECT ON masked.`users__user_profiles` TO `analyst`;

GRANT SELECT ON masked.`users__users` TO `analyst`;

GRANT SELECT ON marts.`events` TO `analyst`;

GRANT SELECT ON builds.events_all_* TO `analyst`;

GRANT SELECT ON builds.events__* TO `analyst`;

GRANT SELECT(build_id, published_at) ON ops.publications TO `analyst`;

GRANT SELECT ON marts.`payments` TO `analyst`;

GRANT SELECT ON builds.payments_all_* TO `analyst`;

GRANT SELECT ON builds.payments__* TO `analyst`;

GRANT SELECT(build_id, published_at) ON ops.publications TO `analyst`;

GRANT SELECT ON marts.`refunds` TO `analyst`;

GRANT SELECT ON builds.refunds_all_* TO `analyst`;

GRANT SELECT ON builds.refunds__* TO `analyst`;

GRANT SELECT(build_id, published_at) ON ops.publications TO `analyst`;

GRANT SELECT ON marts.`sales_by_day` TO `analyst`;

GRANT SELECT ON builds.sales_by_day_all_* TO `analyst`;

GRANT SELECT ON builds.sales_by_day__* TO `analyst`;

GRANT SELECT(build_id, published_at) ON ops.publications TO `analyst`;

GRANT SELECT ON marts.`sales_by_event` TO `analyst`;

GRANT SELECT ON builds.sales_by_event_all_* TO `analyst`;

GRANT SELECT ON builds.sales_by_event__* TO `analyst`;

GRANT SELECT(build_id, published_at) ON ops.publications TO `analyst`;

GRANT SELECT ON marts.`sales_by_organizer` TO `analyst`;

GRANT SELECT ON builds.sales_by_organizer_all_* TO `analyst`;

GRANT SELECT ON builds.sales_by_organizer__* TO `analyst`;

GRANT SELECT(build_id, published_at) ON ops.publications TO `analyst`;

GRANT SELECT ON marts.`sales_by_ticket_type` TO `analyst`;

GRANT SELECT ON builds.sales_by_ticket_type_all_* TO `analyst`;

GRANT SELECT ON builds.sales_by_ticket_type__* TO `analyst`;

GRANT SELECT(build_id, published_at) ON ops.publications TO `analyst`;

CREATE QUOTA OR REPLACE `role_analyst` KEYED BY user_name FOR INTERVAL 1 hour MAX execution_time = 3600 TO `analyst`;

CREATE SETTINGS PROFILE OR REPLACE `role_marketing` SETTINGS max_memory_usage = 402653184 MIN 1 MAX 402653184, max_execution_time = 60 MIN 1 MAX 60, max_concurrent_queries_for_user = 6;

CREATE ROLE OR REPLACE `marketing` SETTINGS PROFILE 'role_marketing';

GRANT SELECT ON masked.`events__cart_items` TO `marketing`;

GRANT SELECT ON masked.`events__carts` TO `marketing`;

GRANT SELECT ON masked.`events__categories` TO `marketing`;

GRANT SELECT ON masked.`events__event_categories` TO `marketing`;

GRANT SELECT ON masked.`events__event_details` TO `marketing`;

GRANT SELECT ON masked.`events__events` TO `marketing`;

GRANT SELECT ON masked.`events__media` TO `marketing`;

GRANT SELECT ON masked.`events__page_views` TO `marketing`;

GRANT SELECT ON masked.`events__schedule_items` TO `marketing`;

GRANT SELECT ON masked.`events__speakers` TO `marketing`;

GRANT SELECT ON masked.`events__venues` TO `marketing`;

GRANT SELECT ON masked.`users__organizer_members` TO `marketing`;

GRANT SELECT ON masked.`users__organizers` TO `marketing`;

GRANT SELECT ON masked.`users__user_preferences` TO `marketing`;

GRANT SELECT ON masked.`users__user_profiles` TO `marketing`;

GRANT SELECT ON masked.`users__users` TO `marketing`;

CREATE QUOTA OR REPLACE `role_marketing` KEYED BY user_name FOR INTERVAL 1 hour MAX execution_time = 3600 TO `marketing`;

CREATE SETTINGS PROFILE OR REPLACE `role_finance` SETTINGS max_memory_usage = 402653184 MIN 1 MAX 402653184, max_execution_time = 60 MIN 1 MAX 60, max_concurrent_queries_for_user = 6;

CREATE ROLE OR REPLACE `finance` SETTINGS PROFILE 'role_finance';

GRANT SELECT ON masked.`customers` TO `finance`;

GRANT SELECT ON personal.`customers` TO `finance`;

GRANT SELECT ON masked.`events` TO `finance`;

GRANT SELECT ON masked.`financial__exchange_rates` TO `finance`;

GRANT SELECT ON masked.`financial__fee_schedules` TO `finance`;

GRANT SELECT ON masked.`financial__invoices` TO `finance`;

GRANT SELECT ON personal.`financial__invoices` TO `finance`;

GRANT SELECT ON masked.`financial__payout_lines` TO `finance`;

GRANT SELECT ON masked.`financial__payouts` TO `finance`;

GRANT SELECT ON masked.`financial__tax_rates` TO `finance`;

GRANT SELECT ON masked.`orders` TO `finance`;

GRANT SELECT ON personal.`orders` TO `finance`;

GRANT SELECT ON masked.`organizers` TO `finance`;

GRANT SELECT ON personal.`organizers` TO `finance`;

GRANT SELECT ON masked.`payments` TO `finance`;

GRANT SELECT ON masked.`payments__disputes` TO `finance`;

GRANT SELECT ON masked.`payments__payments` TO `finance`;

GRANT SELECT ON masked.`payments__refunds` TO `finance`;

GRANT SELECT ON masked.`refunds` TO `finance`;

GRANT SELECT ON masked.`sales_by_day` TO `finance`;

GRANT SELECT ON masked.`sales_by_event` TO `finance`;

GRANT SELECT ON masked.`sales_by_organizer` TO `finance`;

GRANT SELECT ON masked.`sales_by_ticket_type` TO `finance`;

GRANT SELECT ON masked.`tickets` TO `finance`;

GRANT SELECT ON personal.`tickets` TO `finance`;

GRANT SELECT ON masked.`tickets__check_ins` TO `finance`;

GRANT SELECT ON masked.`tickets__discount_codes` TO `finance`;

GRANT SELECT ON masked.`tickets__order_items` TO `finance`;

GRANT SELECT ON personal.`tickets__order_items` TO `finance`;

GRANT SELECT ON masked.`tickets__orders` TO `finance`;

GRANT SELECT ON personal.`tickets__orders` TO `finance`;

GRANT SELECT ON masked.`tickets__pricing_tiers` TO `finance`;

GRANT SELECT ON masked.`tickets__refund_requests` TO `finance`;

GRANT SELECT ON personal.`tickets__refund_requests` TO `finance`;

GRANT SELECT ON masked.`tickets__ticket_configurations` TO `finance`;

GRANT SELECT ON masked.`tickets__ticket_transfers` TO `finance`;

GRANT SELECT ON personal.`tickets__ticket_transfers` TO `finance`;

GRANT SELECT ON masked.`tickets__ticket_types` TO `finance`;

GRANT SELECT ON masked.`tickets__tickets` TO `finance`;

GRANT SELECT ON personal.`tickets__tickets` TO `finance`;

GRANT SELECT ON marts.`customers` TO `finance`;

GRANT SELECT ON builds.customers_all_* TO `finance`;

GRANT SELECT ON builds.customers__* TO `finance`;

GRANT SELECT(build_id, published_at) ON ops.publications TO `finance`;

GRANT SELECT ON marts.`events` TO `finance`;

GRANT SELECT ON builds.events_all_* TO `finance`;

GRANT SELECT ON builds.events__* TO `finance`;

GRANT SELECT(build_id, published_at) ON ops.publications TO `finance`;

GRANT SELECT ON marts.`orders` TO `finance`;

GRANT SELECT ON builds.orders_all_* TO `finance`;

GRANT SELECT ON builds.orders__* TO `finance`;

GRANT SELECT(build_id, published_at) ON ops.publications TO `finance`;

GRANT SELECT ON marts.`organizers` TO `finance`;

GRANT SELECT ON builds.organizers_all_* TO `finance`;

GRANT SELECT ON builds.organizers__* TO `finance`;

GRANT SELECT(build_id, published_at) ON ops.publications TO `finance`;

GRANT SELECT ON marts.`payments` TO `finance`;

GRANT SELECT ON builds.payments_all_* TO `finance`;

GRANT SELECT ON builds.payments__* TO `finance`;

GRANT SELECT(build_id, published_at) ON ops.publications TO `finance`;

GRANT SELECT ON marts.`refunds` TO `finance`;

GRANT SELECT ON builds.refunds_all_* TO `finance`;

GRANT SELECT ON builds.refunds__* TO `finance`;

GRANT SELECT(build_id, published_at) ON ops.publications TO `finance`;

GRANT SELECT ON marts.`sales_by_day` TO `finance`;

GRANT SELECT ON builds.sales_by_day_all_* TO `finance`;

GRANT SELECT ON builds.sales_by_day__* TO `finance`;

GRANT SELECT(build_id, published_at) ON ops.publications TO `finance`;

GRANT SELECT ON marts.`sales_by_event` TO `finance`;

GRANT SELECT ON builds.sales_by_event_all_* TO `finance`;

GRANT SELECT ON builds.sales_by_event__* TO `finance`;

GRANT SELECT(build_id, published_at) ON ops.publications TO `finance`;

GRANT SELECT ON marts.`sales_by_organizer` TO `finance`;

GRANT SELECT ON builds.sales_by_organizer_all_* TO `finance`;

GRANT SELECT ON builds.sales_by_organizer__* TO `finance`;

GRANT SELECT(build_id, published_at) ON ops.publications TO `finance`;

GRANT SELECT ON marts.`sales_by_ticket_type` TO `finance`;

GRANT SELECT ON builds.sales_by_ticket_type_all_* TO `finance`;

GRANT SELECT ON builds.sales_by_ticket_type__* TO `finance`;

GRANT SELECT(build_id, published_at) ON ops.publications TO `finance`;

GRANT SELECT ON marts.`tickets` TO `finance`;

GRANT SELECT ON builds.tickets_all_* TO `finance`;

GRANT SELECT ON builds.tickets__* TO `finance`;

GRANT SELECT(build_id, published_at) ON ops.publications TO `finance`;

CREATE QUOTA OR REPLACE `role_finance` KEYED BY user_name FOR INTERVAL 1 hour MAX execution_time = 3600 TO `finance`;

CREATE SETTINGS PROFILE OR REPLACE `role_support` SETTINGS max_memory_usage = 402653184 MIN 1 MAX 402653184, max_execution_time = 60 MIN 1 MAX 60, max_concurrent_queries_for_user = 6;

CREATE ROLE OR REPLACE `support` SETTINGS PROFILE 'role_support';

GRANT SELECT ON masked.`system__notifications` TO `support`;

GRANT SELECT ON personal.`system__notifications` TO `support`;

GRANT SELECT ON masked.`system__outbox` TO `support`;

GRANT SELECT ON masked.`tickets__check_ins` TO `support`;

GRANT SELECT ON masked.`tickets__discount_codes` TO `support`;

GRANT SELECT ON masked.`tickets__order_items` TO `support`;

GRANT SELECT ON personal.`tickets__order_items` TO `support`;

GRANT SELECT ON masked.`tickets__orders` TO `support`;

GRANT SELECT ON personal.`tickets__orders` TO `support`;

GRANT SELECT ON masked.`tickets__pricing_tiers` TO `support`;

GRANT SELECT ON masked.`tickets__refund_requests` TO `support`;

GRANT SELECT ON personal.`tickets__refund_requests` TO `support`;

GRANT SELECT ON masked.`tickets__ticket_configurations` TO `support`;

GRANT SELECT ON masked.`tickets__ticket_transfers` TO `support`;

GRANT SELECT ON personal.`tickets__ticket_transfers` TO `support`;

GRANT SELECT ON masked.`tickets__ticket_types` TO `support`;

GRANT SELECT ON masked.`tickets__tickets` TO `support`;

GRANT SELECT ON personal.`tickets__tickets` TO `support`;

GRANT SELECT ON masked.`users__organizer_members` TO `support`;

GRANT SELECT ON masked.`users__organizers` TO `support`;

GRANT SELECT ON personal.`users__organizers` TO `support`;

GRANT SELECT ON masked.`users__user_preferences` TO `support`;

GRANT SELECT ON personal.`users__user_preferences` TO `support`;

GRANT SELECT ON masked.`users__user_profiles` TO `support`;

GRANT SELECT ON personal.`users__user_profiles` TO `support`;

GRANT SELECT ON masked.`users__users` TO `support`;

GRANT SELECT ON personal.`users__users` TO `support`;

CREATE QUOTA OR REPLACE `role_support` KEYED BY user_name FOR INTERVAL 1 hour MAX execution_time = 3600 TO `support`;

CREATE SETTINGS PROFILE OR REPLACE `role_auditor` SETTINGS max_memory_usage = 402653184 MIN 1 MAX 402653184, max_execution_time = 60 MIN 1 MAX 60, max_concurrent_queries_for_user = 6;

CREATE ROLE OR REPLACE `auditor` SETTINGS PROFILE 'role_auditor';

GRANT SELECT ON masked.`authentication__credentials` TO `auditor`;

GRANT SELECT ON sensitive.`authentication__credentials` TO `auditor`;

GRANT SELECT ON masked.`authentication__external_accounts` TO `auditor`;

GRANT SELECT ON personal.`authentication__external_accounts` TO `auditor`;

GRANT SELECT ON sensitive.`authentication__external_accounts` TO `auditor`;

GRANT SELECT ON masked.`authentication__permissions` TO `auditor`;

GRANT SELECT ON masked.`authentication__role_permissions` TO `auditor`;

GRANT SELECT ON masked.`authentication__roles` TO `auditor`;

GRANT SELECT ON masked.`authentication__sessions` TO `auditor`;

GRANT SELECT ON personal.`authentication__sessions` TO `auditor`;

GRANT SELECT ON masked.`authentication__user_activities` TO `auditor`;

GRANT SELECT ON personal.`authentication__user_activities` TO `auditor`;

GRANT SELECT ON masked.`authentication__user_roles` TO `auditor`;

GRANT SELECT ON masked.`authentication__verification_tokens` TO `auditor`;

GRANT SELECT ON masked.`customers` TO `auditor`;

GRANT SELECT ON personal.`customers` TO `auditor`;

GRANT SELECT ON masked.`events` TO `auditor`;

GRANT SELECT ON masked.`financial__exchange_rates` TO `auditor`;

GRANT SELECT ON masked.`financial__fee_schedules` TO `auditor`;

GRANT SELECT ON masked.`financial__invoices` TO `auditor`;

GRANT SELECT ON personal.`financial__invoices` TO `auditor`;

GRANT SELECT ON sensitive.`financial__invoices` TO `auditor`;

GRANT SELECT ON masked.`financial__payout_lines` TO `auditor`;

GRANT SELECT ON masked.`financial__payouts` TO `auditor`;

GRANT SELECT ON masked.`financial__tax_rates` TO `auditor`;

GRANT SELECT ON masked.`orders` TO `auditor`;

GRANT SELECT ON personal.`orders` TO `auditor`;

GRANT SELECT ON masked.`organizers` TO `auditor`;

GRANT SELECT ON personal.`organizers` TO `auditor`;

GRANT SELECT ON masked.`payments` TO `auditor`;

GRANT SELECT ON masked.`payments__disputes` TO `auditor`;

GRANT SELECT ON sensitive.`payments__disputes` TO `auditor`;

GRANT SELECT ON masked.`payments__payments` TO `auditor`;

GRANT SELECT ON sensitive.`payments__payments` TO `auditor`;

GRANT SELECT ON masked.`payments__refunds` TO `auditor`;

GRANT SELECT ON sensitive.`payments__refunds` TO `auditor`;

GRANT SELECT ON masked.`refunds` TO `auditor`;

GRANT SELECT ON masked.`sales_by_day` TO `auditor`;

GRANT SELECT ON masked.`sales_by_event` TO `auditor`;

GRANT SELECT ON masked.`sales_by_organizer` TO `auditor`;

GRANT SELECT ON masked.`sales_by_ticket_type` TO `auditor`;

GRANT SELECT ON masked.`tickets` TO `auditor`;

GRANT SELECT ON personal.`tickets` TO `auditor`;

GRANT SELECT ON marts.`customers` TO `auditor`;

GRANT SELECT ON builds.customers_all_* TO `auditor`;

GRANT SELECT ON builds.customers__* TO `auditor`;

GRANT SELECT(build_id, published_at) ON ops.publications TO `auditor`;

GRANT SELECT ON marts.`events` TO `auditor`;

GRANT SELECT ON builds.events_all_* TO `auditor`;

GRANT SELECT ON builds.events__* TO `auditor`;

GRANT SELECT(build_id, published_at) ON ops.publications TO `auditor`;

GRANT SELECT ON marts.`orders` TO `auditor`;

GRANT SELECT ON builds.orders_all_* TO `auditor`;

GRANT SELECT ON builds.orders__* TO `auditor`;

GRANT SELECT(build_id, published_at) ON ops.publications TO `auditor`;

GRANT SELECT ON marts.`organizers` TO `auditor`;

GRANT SELECT ON builds.organizers_all_* TO `auditor`;

GRANT SELECT ON builds.organizers__* TO `auditor`;

GRANT SELECT(build_id, published_at) ON ops.publications TO `auditor`;

GRANT SELECT ON marts.`payments` TO `auditor`;

GRANT SELECT ON builds.payments_all_* TO `auditor`;

GRANT SELECT ON builds.payments__* TO `auditor`;

GRANT SELECT(build_id, published_at) ON ops.publications TO `auditor`;

GRANT SELECT ON marts.`refunds` TO `auditor`;

GRANT SELECT ON builds.refunds_all_* TO `auditor`;

GRANT SELECT ON builds.refunds__* TO `auditor`;

GRANT SELECT(build_id, published_at) ON ops.publications TO `auditor`;

GRANT SELECT ON marts.`sales_by_day` TO `auditor`;

GRANT SELECT ON builds.sales_by_day_all_* TO `auditor`;

GRANT SELECT ON builds.sales_by_day__* TO `auditor`;

GRANT SELECT(build_id, published_at) ON ops.publications TO `auditor`;

GRANT SELECT ON marts.`sales_by_event` TO `auditor`;

GRANT SELECT ON builds.sales_by_event_all_* TO `auditor`;

GRANT SELECT ON builds.sales_by_event__* TO `auditor`;

GRANT SELECT(build_id, published_at) ON ops.publications TO `auditor`;

GRANT SELECT ON marts.`sales_by_organizer` TO `auditor`;

GRANT SELECT ON builds.sales_by_organizer_all_* TO `auditor`;

GRANT SELECT ON builds.sales_by_organizer__* TO `auditor`;

GRANT SELECT(build_id, published_at) ON ops.publications TO `auditor`;

GRANT SELECT ON marts.`sales_by_ticket_type` TO `auditor`;

GRANT SELECT ON builds.sales_by_ticket_type_all_* TO `auditor`;

GRANT SELECT ON builds.sales_by_ticket_type__* TO `auditor`;

GRANT SELECT(build_id, published_at) ON ops.publications TO `auditor`;

GRANT SELECT ON marts.`tickets` TO `auditor`;

GRANT SELECT ON builds.tickets_all_* TO `auditor`;

GRANT SELECT ON builds.tickets__* TO `auditor`;

GRANT SELECT(build_id, published_at) ON ops.publications TO `auditor`;

CREATE QUOTA OR REPLACE `role_auditor` KEYED BY user_name FOR INTERVAL 1 hour MAX execution_time = 3600 TO `auditor`;

CREATE SETTINGS PROFILE OR REPLACE `role_organizer` SETTINGS max_memory_usage = 402653184 MIN 1 MAX 402653184, max_execution_time = 60 MIN 1 MAX 60, max_concurrent_queries_for_user = 6;

CREATE ROLE OR REPLACE `organizer` SETTINGS PROFILE 'role_organizer';

GRANT SELECT ON own.`events` TO `organizer`;

GRANT SELECT ON own.`orders` TO `organizer`;

GRANT SELECT ON own.`organizers` TO `organizer`;

GRANT SELECT ON own.`payments` TO `organizer`;

GRANT SELECT ON own.`refunds` TO `organizer`;

GRANT SELECT ON own.`sales_by_organizer` TO `organizer`;

CREATE QUOTA OR REPLACE `role_organizer` KEYED BY user_name FOR INTERVAL 1 hour MAX execution_time = 3600 TO `organizer`;

CREATE SETTINGS PROFILE OR REPLACE `role_engineer` SETTINGS max_memory_usage = 536870912 MIN 1 MAX 536870912, max_execution_time = 600 MIN 1 MAX 600, max_concurrent_queries_for_user = 8;

CREATE ROLE OR REPLACE `engineer` SETTINGS PROFILE 'role_engineer';

GRANT SELECT ON ops.ledger TO `engineer`;

GRANT SELECT ON ops.positions TO `engineer`;

GRANT SELECT ON ops.truncations TO `engineer`;

GRANT SELECT ON ops.builds TO `engineer`;

GRANT SELECT ON ops.publications TO `engineer`;

GRANT SELECT ON ops.archive_runs TO `engineer`;

GRANT SELECT(id, dataset, topic, partition, offset, timestamp, first_seen, status) ON ops.dead_letters TO `engineer`;

GRANT SELECT(build_id, dataset, check_id, kind, severity, outcome, failing_rows, total_rows, checked_at, run_id) ON ops.quality_results TO `engineer`;

GRANT SELECT ON lineage.* TO `engineer`;

GRANT SHOW DATABASES ON *.* TO `engineer`;

GRANT SHOW TABLES ON *.* TO `engineer`;

GRANT SHOW COLUMNS ON *.* TO `engineer`;

GRANT SHOW DICTIONARIES ON *.* TO `engineer`;

GRANT SELECT ON masked.`authentication__credentials` TO `engineer`;

GRANT SELECT ON masked.`authentication__external_accounts` TO `engineer`;

GRANT SELECT ON masked.`authentication__permissions` TO `engineer`;

GRANT SELECT ON masked.`authentication__role_permissions` TO `engineer`;

GRANT SELECT ON masked.`authentication__roles` TO `engineer`;

GRANT SELECT ON masked.`authentication__sessions` TO `engineer`;

GRANT SELECT ON masked.`authentication__user_activities` TO `engineer`;

GRANT SELECT ON masked.`authentication__user_roles` TO `engineer`;

GRANT SELECT ON masked.`authentication__verification_tokens` TO `engineer`;

GRANT SELECT ON masked.`branding__assets` TO `engineer`;

GRANT SELECT ON masked.`branding__brand_configurations` TO `engineer`;

GRANT SELECT ON masked.`branding__custom_domains` TO `engineer`;

GRANT SELECT ON masked.`branding__templates` TO `engineer`;

GRANT SELECT ON masked.`customers` TO `engineer`;

GRANT SELECT ON masked.`events` TO `engineer`;

GRANT SELECT ON masked.`events__cart_items` TO `engineer`;

GRANT SELECT ON masked.`events__carts` TO `engineer`;

GRANT SELECT ON masked.`events__categories` TO `engineer`;

GRANT SELECT ON masked.`events__event_categories` TO `engineer`;

GRANT SELECT ON masked.`events__event_details` TO `engineer`;

GRANT SELECT ON masked.`events__events` TO `engineer`;

GRANT SELECT ON masked.`events__media` TO `engineer`;

GRANT SELECT ON masked.`events__page_views` TO `engineer`;

GRANT SELECT ON masked.`events__schedule_items` TO `engineer`;

GRANT SELECT ON masked.`events__speakers` TO `engineer`;

GRANT SELECT ON masked.`events__venues` TO `engineer`;

GRANT SELECT ON masked.`financial__exchange_rates` TO `engineer`;

GRANT SELECT ON masked.`financial__fee_schedules` TO `engineer`;

GRANT SELECT ON masked.`financial__invoices` TO `engineer`;

GRANT SELECT ON masked.`financial__payout_lines` TO `engineer`;

GRANT SELECT ON masked.`financial__payouts` TO `engineer`;

GRANT SELECT ON masked.`financial__tax_rates` TO `engineer`;

GRANT SELECT ON masked.`orders` TO `engineer`;

GRANT SELECT ON masked.`organizers` TO `engineer`;

GRANT SELECT ON masked.`payments` TO `engineer`;

GRANT SELECT ON masked.`payments__disputes` TO `engineer`;

GRANT SELECT ON masked.`payments__payments` TO `engineer`;

GRANT SELECT ON masked.`payments__refunds` TO `engineer`;

GRANT SELECT ON masked.`refunds` TO `engineer`;

GRANT SELECT ON masked.`sales_by_day` TO `engineer`;

GRANT SELECT ON masked.`sales_by_event` TO `engineer`;

GRANT SELECT ON masked.`sales_by_organizer` TO `engineer`;

GRANT SELECT ON masked.`sales_by_ticket_type` TO `engineer`;

GRANT SELECT ON masked.`system__notifications` TO `engineer`;

GRANT SELECT ON masked.`system__outbox` TO `engineer`;

GRANT SELECT ON masked.`tickets` TO `engineer`;

GRANT SELECT ON masked.`tickets__check_ins` TO `engineer`;

GRANT SELECT ON masked.`tickets__discount_codes` TO `engineer`;

GRANT SELECT ON masked.`tickets__order_items` TO `engineer`;

GRANT SELECT ON masked.`tickets__orders` TO `engineer`;

GRANT SELECT ON masked.`tickets__pricing_tiers` TO `engineer`;

GRANT SELECT ON masked.`tickets__refund_requests` TO `engineer`;

GRANT SELECT ON masked.`tickets__ticket_configurations` TO `engineer`;

GRANT SELECT ON masked.`tickets__ticket_transfers` TO `engineer`;

GRANT SELECT ON masked.`tickets__ticket_types` TO `engineer`;

GRANT SELECT ON masked.`tickets__tickets` TO `engineer`;

GRANT SELECT ON masked.`users__organizer_members` TO `engineer`;

GRANT SELECT ON masked.`users__organizers` TO `engineer`;

GRANT SELECT ON masked.`users__user_preferences` TO `engineer`;

GRANT SELECT ON masked.`users__user_profiles` TO `engineer`;

GRANT SELECT ON masked.`users__users` TO `engineer`;

GRANT SELECT ON marts.`events` TO `engineer`;

GRANT SELECT ON builds.events_all_* TO `engineer`;

GRANT SELECT ON builds.events__* TO `engineer`;

GRANT SELECT(build_id, published_at) ON ops.publications TO `engineer`;

GRANT SELECT ON marts.`payments` TO `engineer`;

GRANT SELECT ON builds.payments_all_* TO `engineer`;

GRANT SELECT ON builds.payments__* TO `engineer`;

GRANT SELECT(build_id, published_at) ON ops.publications TO `engineer`;

GRANT SELECT ON marts.`refunds` TO `engineer`;

GRANT SELECT ON builds.refunds_all_* TO `engineer`;

GRANT SELECT ON builds.refunds__* TO `engineer`;

GRANT SELECT(build_id, published_at) ON ops.publications TO `engineer`;

GRANT SELECT ON marts.`sales_by_day` TO `engineer`;

GRANT SELECT ON builds.sales_by_day_all_* TO `engineer`;

GRANT SELECT ON builds.sales_by_day__* TO `engineer`;

GRANT SELECT(build_id, published_at) ON ops.publications TO `engineer`;

GRANT SELECT ON marts.`sales_by_event` TO `engineer`;

GRANT SELECT ON builds.sales_by_event_all_* TO `engineer`;

GRANT SELECT ON builds.sales_by_event__* TO `engineer`;

GRANT SELECT(build_id, published_at) ON ops.publications TO `engineer`;

GRANT SELECT ON marts.`sales_by_organizer` TO `engineer`;

GRANT SELECT ON builds.sales_by_organizer_all_* TO `engineer`;

GRANT SELECT ON builds.sales_by_organizer__* TO `engineer`;

GRANT SELECT(build_id, published_at) ON ops.publications TO `engineer`;

GRANT SELECT ON marts.`sales_by_ticket_type` TO `engineer`;

GRANT SELECT ON builds.sales_by_ticket_type_all_* TO `engineer`;

GRANT SELECT ON builds.sales_by_ticket_type__* TO `engineer`;

GRANT SELECT(build_id, published_at) ON ops.publications TO `engineer`;

GRANT SELECT ON system.* TO `engineer`;

CREATE QUOTA OR REPLACE `role_engineer` KEYED BY user_name FOR INTERVAL 1 hour MAX execution_time = 48000 TO `engineer`;

CREATE SETTINGS PROFILE OR REPLACE `role_loader` SETTINGS max_memory_usage = 805306368 MIN 1 MAX 805306368, max_execution_time = 3600 MIN 1 MAX 3600, max_concurrent_queries_for_user = 16;

CREATE ROLE OR REPLACE `loader` SETTINGS PROFILE 'role_loader';

GRANT SELECT, INSERT ON landing.* TO `loader`;

GRANT INSERT ON raw.* TO `loader`;

GRANT INSERT ON ods.* TO `loader`;

GRANT SELECT, INSERT ON ops.* TO `loader`;

CREATE QUOTA OR REPLACE `role_loader` KEYED BY user_name FOR INTERVAL 1 hour MAX execution_time = 576000 TO `loader`;

CREATE SETTINGS PROFILE OR REPLACE `role_dbt` SETTINGS max_memory_usage = 805306368 MIN 1 MAX 805306368, max_execution_time = 3600 MIN 1 MAX 3600, max_concurrent_queries_for_user = 16;

CREATE ROLE OR REPLACE `dbt` SETTINGS PROFILE 'role_dbt';

GRANT SELECT ON raw.* TO `dbt`;

GRANT SELECT ON ods.* TO `dbt`;

GRANT SELECT ON ops.* TO `dbt`;

GRANT SELECT, INSERT, ALTER TABLE, ALTER VIEW, CREATE DATABASE, CREATE TABLE, CREATE VIEW, DROP TABLE, DROP VIEW, DROP DATABASE, TRUNCATE, OPTIMIZE, SHOW ON staging.* TO `dbt`;

GRANT SELECT, INSERT, ALTER TABLE, ALTER VIEW, CREATE DATABASE, CREATE TABLE, CREATE VIEW, DROP TABLE, DROP VIEW, DROP DATABASE, TRUNCATE, OPTIMIZE, SHOW ON intermediate.* TO `dbt`;

GRANT SELECT, INSERT, ALTER TABLE, ALTER VIEW, CREATE DATABASE, CREATE TABLE, CREATE VIEW, DROP TABLE, DROP VIEW, DROP DATABASE, TRUNCATE, OPTIMIZE, SHOW ON build_*.* TO `dbt`;

CREATE QUOTA OR REPLACE `role_dbt` KEYED BY user_name FOR INTERVAL 1 hour MAX execution_time = 576000 TO `dbt`;

CREATE ROW POLICY OR REPLACE own_rows ON own.`events` FOR SELECT USING `organizer_id` = toUUIDOrZero(extract(getSetting('promql_database'), '[^:]*$')) AS RESTRICTIVE TO `organizer`;

CREATE ROW POLICY OR REPLACE own_rows ON own.`orders` FOR SELECT USING `organizer_id` = toUUIDOrZero(extract(getSetting('promql_database'), '[^:]*$')) AS RESTRICTIVE TO `organizer`;

CREATE ROW POLICY OR REPLACE own_rows ON own.`organizers` FOR SELECT USING `organizer_id` = toUUIDOrZero(extract(getSetting('promql_database'), '[^:]*$')) AS RESTRICTIVE TO `organizer`;

CREATE ROW POLICY OR REPLACE own_rows ON own.`payments` FOR SELECT USING `organizer_id` = toUUIDOrZero(extract(getSetting('promql_database'), '[^:]*$')) AS RESTRICTIVE TO `organizer`;

CREATE ROW POLICY OR REPLACE own_rows ON own.`refunds` FOR SELECT USING `organizer_id` = toUUIDOrZero(extract(getSetting('promql_database'), '[^:]*$')) AS RESTRICTIVE TO `organizer`;

CREATE ROW POLICY OR REPLACE own_rows ON own.`sales_by_organizer` FOR SELECT USING `organizer_id` = toUUIDOrZero(extract(getSetting('promql_database'), '[^:]*$')) AS RESTRICTIVE TO `organizer`;
