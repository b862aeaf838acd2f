CREATE SETTINGS PROFILE OR REPLACE `role_analyst` SETTINGS max_memory_usage = 402653184 MIN 1 MAX 402653184, max_execution_time = 60 MIN 1 MAX 60, max_concurrent_queries_for_user = 6;

CREATE ROLE OR REPLACE `analyst` SETTINGS PROFILE 'role_analyst';

GRANT SELECT ON masked.`branding__assets` TO `analyst`;

GRANT SELECT ON masked.`branding__brand_configurations` TO `analyst`;

GRANT SELECT ON masked.`branding__custom_domains` TO `analyst`;

GRANT SELECT ON masked.`branding__templates` TO `analyst`;

GRANT SELECT ON masked.`carts` TO `analyst`;

GRANT SELECT ON masked.`check_ins` TO `analyst`;

GRANT SELECT ON masked.`currencies` TO `analyst`;

GRANT SELECT ON masked.`customer_cohorts` TO `analyst`;

GRANT SELECT ON masked.`customer_values` TO `analyst`;

GRANT SELECT ON masked.`customers` TO `analyst`;

GRANT SELECT ON masked.`dates` TO `analyst`;

GRANT SELECT ON masked.`door_flow` TO `analyst`;

GRANT SELECT ON masked.`event_pace` TO `analyst`;

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

GRANT SELECT ON masked.`events_history` TO `analyst`;

GRANT SELECT ON masked.`financial__exchange_rates` TO `analyst`;

GRANT SELECT ON masked.`financial__fee_schedules` TO `analyst`;

GRANT SELECT ON masked.`financial__invoices` TO `analyst`;

GRANT SELECT ON masked.`financial__payout_lines` TO `analyst`;

GRANT SELECT ON masked.`financial__payouts` TO `analyst`;

GRANT SELECT ON masked.`financial__settlements` TO `analyst`;

GRANT SELECT ON masked.`financial__tax_rates` TO `analyst`;

GRANT SELECT ON masked.`freshness` TO `analyst`;

GRANT SELECT ON masked.`funnel_by_day` TO `analyst`;

GRANT SELECT ON masked.`inventory_by_day` TO `analyst`;

GRANT SELECT ON masked.`live_sales` TO `analyst`;

GRANT SELECT ON masked.`order_lines` TO `analyst`;

GRANT SELECT ON masked.`order_risks` TO `analyst`;

GRANT SELECT ON masked.`orders` TO `analyst`;

GRANT SELECT ON masked.`organizer_scorecards` TO `analyst`;

GRANT SELECT ON masked.`organizers` TO `analyst`;

GRANT SELECT ON masked.`organizers_history` TO `analyst`;

GRANT SELECT ON masked.`page_views_by_day` TO `analyst`;

GRANT SELECT ON masked.`payments` TO `analyst`;

GRANT SELECT ON masked.`payments__disputes` TO `analyst`;

GRANT SELECT ON masked.`payments__payments` TO `analyst`;

GRANT SELECT ON masked.`payments__refunds` TO `analyst`;

GRANT SELECT ON masked.`payouts` TO `analyst`;

GRANT SELECT ON masked.`payouts_due` TO `analyst`;

GRANT SELECT ON masked.`promotion_effects` TO `analyst`;

GRANT SELECT ON masked.`promotions` TO `analyst`;

GRANT SELECT ON masked.`refunds` TO `analyst`;

GRANT SELECT ON masked.`sales_by_channel` TO `analyst`;

GRANT SELECT ON masked.`sales_by_day` TO `analyst`;

GRANT SELECT ON masked.`sales_by_event` TO `analyst`;

GRANT SELECT ON masked.`sales_by_organizer` TO `analyst`;

GRANT SELECT ON masked.`sales_by_ticket_type` TO `analyst`;

GRANT SELECT ON masked.`system__notifications` TO `analyst`;

GRANT SELECT ON masked.`system__outbox` TO `analyst`;

GRANT SELECT ON masked.`ticket_types` TO `analyst`;

GRANT SELECT ON masked.`ticket_types_history` TO `analyst`;

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

GRANT SELECT ON masked.`venues` TO `analyst`;

GRANT SELECT ON marts.`check_ins` TO `analyst`;

GRANT SELECT ON builds.check_ins_all_* TO `analyst`;

GRANT SELECT ON builds.check_ins__* TO `analyst`;

GRANT SELECT(build_id, published_at) ON ops.publications TO `analyst`;

GRANT SELECT ON previous.check_ins__v* TO `analyst`;

GRANT SELECT ON marts.`currencies` TO `analyst`;

GRANT SELECT ON builds.currencies_all_* TO `analyst`;

GRANT SELECT ON builds.currencies__* TO `analyst`;

GRANT SELECT(build_id, published_at) ON ops.publications TO `analyst`;

GRANT SELECT ON previous.currencies__v* TO `analyst`;

GRANT SELECT ON marts.`customer_cohorts` TO `analyst`;

GRANT SELECT ON builds.customer_cohorts_all_* TO `analyst`;

GRANT SELECT ON builds.customer_cohorts__* TO `analyst`;

GRANT SELECT(build_id, published_at) ON ops.publications TO `analyst`;

GRANT SELECT ON previous.customer_cohorts__v* TO `analyst`;

GRANT SELECT ON marts.`dates` TO `analyst`;

GRANT SELECT ON builds.dates_all_* TO `analyst`;

GRANT SELECT ON builds.dates__* TO `analyst`;

GRANT SELECT(build_id, published_at) ON ops.publications TO `analyst`;

GRANT SELECT ON previous.dates__v* TO `analyst`;

GRANT SELECT ON marts.`door_flow` TO `analyst`;

GRANT SELECT ON builds.door_flow_all_* TO `analyst`;

GRANT SELECT ON builds.door_flow__* TO `analyst`;

GRANT SELECT(build_id, published_at) ON ops.publications TO `analyst`;

GRANT SELECT ON previous.door_flow__v* TO `analyst`;

GRANT SELECT ON marts.`event_pace` TO `analyst`;

GRANT SELECT ON builds.event_pace_all_* TO `analyst`;

GRANT SELECT ON builds.event_pace__* TO `analyst`;

GRANT SELECT(build_id, published_at) ON ops.publications TO `analyst`;

GRANT SELECT ON previous.event_pace__v* TO `analyst`;

GRANT SELECT ON marts.`events` TO `analyst`;

GRANT SELECT ON builds.events_all_* TO `analyst`;

GRANT SELECT ON builds.events__* TO `analyst`;

GRANT SELECT(build_id, published_at) ON ops.publications TO `analyst`;

GRANT SELECT ON previous.events__v* TO `analyst`;

GRANT SELECT ON marts.`events_history` TO `analyst`;

GRANT SELECT ON builds.events_history_all_* TO `analyst`;

GRANT SELECT ON builds.events_history__* TO `analyst`;

GRANT SELECT(build_id, published_at) ON ops.publications TO `analyst`;

GRANT SELECT ON previous.events_history__v* TO `analyst`;

GRANT SELECT ON marts.`freshness` TO `analyst`;

GRANT SELECT ON builds.freshness_all_* TO `analyst`;

GRANT SELECT ON builds.freshness__* TO `analyst`;

GRANT SELECT(build_id, published_at) ON ops.publications TO `analyst`;

GRANT SELECT ON previous.freshness__v* TO `analyst`;

GRANT SELECT ON marts.`funnel_by_day` TO `analyst`;

GRANT SELECT ON builds.funnel_by_day_all_* TO `analyst`;

GRANT SELECT ON builds.funnel_by_day__* TO `analyst`;

GRANT SELECT(build_id, published_at) ON ops.publications TO `analyst`;

GRANT SELECT ON previous.funnel_by_day__v* TO `analyst`;

GRANT SELECT ON marts.`inventory_by_day` TO `analyst`;

GRANT SELECT ON builds.inventory_by_day_all_* TO `analyst`;

GRANT SELECT ON builds.inventory_by_day__* TO `analyst`;

GRANT SELECT(build_id, published_at) ON ops.publications TO `analyst`;

GRANT SELECT ON previous.inventory_by_day__v* TO `analyst`;

GRANT SELECT ON marts.`live_sales` TO `analyst`;

GRANT SELECT ON marts.`organizer_scorecards` TO `analyst`;

GRANT SELECT ON builds.organizer_scorecards_all_* TO `analyst`;

GRANT SELECT ON builds.organizer_scorecards__* TO `analyst`;

GRANT SELECT(build_id, published_at) ON ops.publications TO `analyst`;

GRANT SELECT ON previous.organizer_scorecards__v* TO `analyst`;

GRANT SELECT ON marts.`organizers_history` TO `analyst`;

GRANT SELECT ON builds.organizers_history_all_* TO `analyst`;

GRANT SELECT ON builds.organizers_history__* TO `analyst`;

GRANT SELECT(build_id, published_at) ON ops.publications TO `analyst`;

GRANT SELECT ON previous.organizers_history__v* TO `analyst`;

GRANT SELECT ON marts.`page_views_by_day` TO `analyst`;

GRANT SELECT ON builds.page_views_by_day_all_* TO `analyst`;

GRANT SELECT ON builds.page_views_by_day__* TO `analyst`;

GRANT SELECT(build_id, published_at) ON ops.publications TO `analyst`;

GRANT SELECT ON previous.page_views_by_day__v* TO `analyst`;

GRANT SELECT ON marts.`payments` TO `analyst`;

GRANT SELECT ON builds.payments_all_* TO `analyst`;

GRANT SELECT ON builds.payments__* TO `analyst`;

GRANT SELECT(build_id, published_at) ON ops.publications TO `analyst`;

GRANT SELECT ON previous.payments__v* TO `analyst`;

GRANT SELECT ON marts.`payouts` TO `analyst`;

GRANT SELECT ON builds.payouts_all_* TO `analyst`;

GRANT SELECT ON builds.payouts__* TO `analyst`;

GRANT SELECT(build_id, published_at) ON ops.publications TO `analyst`;

GRANT SELECT ON previous.payouts__v* TO `analyst`;

GRANT SELECT ON marts.`payouts_due` TO `analyst`;

GRANT SELECT ON builds.payouts_due_all_* TO `analyst`;

GRANT SELECT ON builds.payouts_due__* TO `analyst`;

GRANT SELECT(build_id, published_at) ON ops.publications TO `analyst`;

GRANT SELECT ON previous.payouts_due__v* TO `analyst`;

GRANT SELECT ON marts.`promotion_effects` TO `analyst`;

GRANT SELECT ON builds.promotion_effects_all_* TO `analyst`;

GRANT SELECT ON builds.promotion_effects__* TO `analyst`;

GRANT SELECT(build_id, published_at) ON ops.publications TO `analyst`;

GRANT SELECT ON previous.promotion_effects__v* TO `analyst`;

GRANT SELECT ON marts.`promotions` TO `analyst`;

GRANT SELECT ON builds.promotions_all_* TO `analyst`;

GRANT SELECT ON builds.promotions__* TO `analyst`;

GRANT SELECT(build_id, published_at) ON ops.publications TO `analyst`;

GRANT SELECT ON previous.promotions__v* TO `analyst`;

GRANT SELECT ON marts.`refunds` TO `analyst`;

GRANT SELECT ON builds.refunds_all_* TO `analyst`;

GRANT SELECT ON builds.refunds__* TO `analyst`;

GRANT SELECT(build_id, published_at) ON ops.publications TO `analyst`;

GRANT SELECT ON previous.refunds__v* TO `analyst`;

GRANT SELECT ON marts.`sales_by_channel` TO `analyst`;

GRANT SELECT ON builds.sales_by_channel_all_* TO `analyst`;

GRANT SELECT ON builds.sales_by_channel__* TO `analyst`;

GRANT SELECT(build_id, published_at) ON ops.publications TO `analyst`;

GRANT SELECT ON previous.sales_by_channel__v* TO `analyst`;

GRANT SELECT ON marts.`sales_by_day` TO `analyst`;

GRANT SELECT ON builds.sales_by_day_all_* TO `analyst`;

GRANT SELECT ON builds.sales_by_day__* TO `analyst`;

GRANT SELECT(build_id, published_at) ON ops.publications TO `analyst`;

GRANT SELECT ON previous.sales_by_day__v* TO `analyst`;

GRANT SELECT ON marts.`sales_by_event` TO `analyst`;

GRANT SELECT ON builds.sales_by_event_all_* TO `analyst`;

GRANT SELECT ON builds.sales_by_event__* TO `analyst`;

GRANT SELECT(build_id, published_at) ON ops.publications TO `analyst`;

GRANT SELECT ON previous.sales_by_event__v* TO `analyst`;

GRANT SELECT ON marts.`sales_by_organizer` TO `analyst`;

GRANT SELECT ON builds.sales_by_organizer_all_* TO `analyst`;

GRANT SELECT ON builds.sales_by_organizer__* TO `analyst`;

GRANT SELECT(build_id, published_at) ON ops.publications TO `analyst`;

GRANT SELECT ON previous.sales_by_organizer__v* TO `analyst`;

GRANT SELECT ON marts.`sales_by_ticket_type` TO `analyst`;

GRANT SELECT ON builds.sales_by_ticket_type_all_* TO `analyst`;

GRANT SELECT ON builds.sales_by_ticket_type__* TO `analyst`;

GRANT SELECT(build_id, published_at) ON ops.publications TO `analyst`;

GRANT SELECT ON previous.sales_by_ticket_type__v* TO `analyst`;

GRANT SELECT ON marts.`ticket_types` TO `analyst`;

GRANT SELECT ON builds.ticket_types_all_* TO `analyst`;

GRANT SELECT ON builds.ticket_types__* TO `analyst`;

GRANT SELECT(build_id, published_at) ON ops.publications TO `analyst`;

GRANT SELECT ON previous.ticket_types__v* TO `analyst`;

GRANT SELECT ON marts.`ticket_types_history` TO `analyst`;

GRANT SELECT ON builds.ticket_types_history_all_* TO `analyst`;

GRANT SELECT ON builds.ticket_types_history__* TO `analyst`;

GRANT SELECT(build_id, published_at) ON ops.publications TO `analyst`;

GRANT SELECT ON previous.ticket_types_history__v* TO `analyst`;

GRANT SELECT ON marts.`venues` TO `analyst`;

GRANT SELECT ON builds.venues_all_* TO `analyst`;

GRANT SELECT ON builds.venues__* TO `analyst`;

GRANT SELECT(build_id, published_at) ON ops.publications TO `analyst`;

GRANT SELECT ON previous.venues__v* TO `analyst`;

CREATE QUOTA OR REPLACE `role_analyst` KEYED BY user_name FOR INTERVAL 1 hour MAX execution_time = 3600 TO `analyst`;

CREATE SETTINGS PROFILE OR REPLACE `role_marketing` SETTINGS max_memory_usage = 402653184 MIN 1 MAX 402653184, max_execution_time = 60 MIN 1 MAX 60, max_concurrent_queries_for_user = 6;

CREATE ROLE OR REPLACE `marketing` SETTINGS PROFILE 'role_marketing';

GRANT SELECT ON masked.`customer_cohorts` TO `marketing`;

GRANT SELECT ON masked.`customer_values` TO `marketing`;

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

GRANT SELECT ON masked.`freshness` TO `marketing`;

GRANT SELECT ON masked.`users__organizer_members` TO `marketing`;

GRANT SELECT ON masked.`users__organizers` TO `marketing`;

GRANT SELECT ON masked.`users__user_preferences` TO `marketing`;

GRANT SELECT ON masked.`users__user_profiles` TO `marketing`;

GRANT SELECT ON masked.`users__users` TO `marketing`;

GRANT SELECT ON marts.`customer_cohorts` TO `marketing`;

GRANT SELECT ON builds.customer_cohorts_all_* TO `marketing`;

GRANT SELECT ON builds.customer_cohorts__* TO `marketing`;

GRANT SELECT(build_id, published_at) ON ops.publications TO `marketing`;

GRANT SELECT ON previous.customer_cohorts__v* TO `marketing`;

GRANT SELECT ON marts.`freshness` TO `marketing`;

GRANT SELECT ON builds.freshness_all_* TO `marketing`;

GRANT SELECT ON builds.freshness__* TO `marketing`;

GRANT SELECT(build_id, published_at) ON ops.publications TO `marketing`;

GRANT SELECT ON previous.freshness__v* TO `marketing`;

CREATE QUOTA OR REPLACE `role_marketing` KEYED BY user_name FOR INTERVAL 1 hour MAX execution_time = 3600 TO `marketing`;

CREATE SETTINGS PROFILE OR REPLACE `role_finance` SETTINGS max_memory_usage = 402653184 MIN 1 MAX 402653184, max_execution_time = 60 MIN 1 MAX 60, max_concurrent_queries_for_user = 6;

CREATE ROLE OR REPLACE `finance` SETTINGS PROFILE 'role_finance';

GRANT SELECT ON masked.`carts` TO `finance`;

GRANT SELECT ON personal.`carts` TO `finance`;

GRANT SELECT ON masked.`check_ins` TO `finance`;

GRANT SELECT ON masked.`currencies` TO `finance`;

GRANT SELECT ON masked.`customer_cohorts` TO `finance`;

GRANT SELECT ON masked.`customer_values` TO `finance`;

GRANT SELECT ON personal.`customer_values` TO `finance`;

GRANT SELECT ON masked.`customers` TO `finance`;

GRANT SELECT ON personal.`customers` TO `finance`;

GRANT SELECT ON masked.`dates` TO `finance`;

GRANT SELECT ON masked.`door_flow` TO `finance`;

GRANT SELECT ON masked.`event_pace` TO `finance`;

GRANT SELECT ON masked.`events` TO `finance`;

GRANT SELECT ON masked.`events_history` TO `finance`;

GRANT SELECT ON masked.`financial__exchange_rates` TO `finance`;

GRANT SELECT ON masked.`financial__fee_schedules` TO `finance`;

GRANT SELECT ON masked.`financial__invoices` TO `finance`;

GRANT SELECT ON personal.`financial__invoices` TO `finance`;

GRANT SELECT ON masked.`financial__payout_lines` TO `finance`;

GRANT SELECT ON masked.`financial__payouts` TO `finance`;

GRANT SELECT ON masked.`financial__settlements` TO `finance`;

GRANT SELECT ON masked.`financial__tax_rates` TO `finance`;

GRANT SELECT ON masked.`freshness` TO `finance`;

GRANT SELECT ON masked.`funnel_by_day` TO `finance`;

GRANT SELECT ON masked.`inventory_by_day` TO `finance`;

GRANT SELECT ON masked.`live_sales` TO `finance`;

GRANT SELECT ON masked.`order_lines` TO `finance`;

GRANT SELECT ON personal.`order_lines` TO `finance`;

GRANT SELECT ON masked.`order_risks` TO `finance`;

GRANT SELECT ON personal.`order_risks` TO `finance`;

GRANT SELECT ON masked.`orders` TO `finance`;

GRANT SELECT ON personal.`orders` TO `finance`;

GRANT SELECT ON masked.`organizer_scorecards` TO `finance`;

GRANT SELECT ON masked.`organizers` TO `finance`;

GRANT SELECT ON personal.`organizers` TO `finance`;

GRANT SELECT ON masked.`organizers_history` TO `finance`;

GRANT SELECT ON masked.`page_views_by_day` TO `finance`;

GRANT SELECT ON masked.`payments` TO `finance`;

GRANT SELECT ON masked.`payments__disputes` TO `finance`;

GRANT SELECT ON masked.`payments__payments` TO `finance`;

GRANT SELECT ON masked.`payments__refunds` TO `finance`;

GRANT SELECT ON masked.`payouts` TO `finance`;

GRANT SELECT ON masked.`payouts_due` TO `finance`;

GRANT SELECT ON masked.`promotion_effects` TO `finance`;

GRANT SELECT ON masked.`promotions` TO `finance`;

GRANT SELECT ON masked.`refunds` TO `finance`;

GRANT SELECT ON masked.`sales_by_channel` TO `finance`;

GRANT SELECT ON masked.`sales_by_day` TO `finance`;

GRANT SELECT ON masked.`sales_by_event` TO `finance`;

GRANT SELECT ON masked.`sales_by_organizer` TO `finance`;

GRANT SELECT ON masked.`sales_by_ticket_type` TO `finance`;

GRANT SELECT ON masked.`ticket_types` TO `finance`;

GRANT SELECT ON masked.`ticket_types_history` TO `finance`;

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

GRANT SELECT ON masked.`venues` TO `finance`;

GRANT SELECT ON marts.`carts` TO `finance`;

GRANT SELECT ON builds.carts_all_* TO `finance`;

GRANT SELECT ON builds.carts__* TO `finance`;

GRANT SELECT(build_id, published_at) ON ops.publications TO `finance`;

GRANT SELECT ON previous.carts__v* TO `finance`;

GRANT SELECT ON marts.`check_ins` TO `finance`;

GRANT SELECT ON builds.check_ins_all_* TO `finance`;

GRANT SELECT ON builds.check_ins__* TO `finance`;

GRANT SELECT(build_id, published_at) ON ops.publications TO `finance`;

GRANT SELECT ON previous.check_ins__v* TO `finance`;

GRANT SELECT ON marts.`currencies` TO `finance`;

GRANT SELECT ON builds.currencies_all_* TO `finance`;

GRANT SELECT ON builds.currencies__* TO `finance`;

GRANT SELECT(build_id, published_at) ON ops.publications TO `finance`;

GRANT SELECT ON previous.currencies__v* TO `finance`;

GRANT SELECT ON marts.`customer_cohorts` TO `finance`;

GRANT SELECT ON builds.customer_cohorts_all_* TO `finance`;

GRANT SELECT ON builds.customer_cohorts__* TO `finance`;

GRANT SELECT(build_id, published_at) ON ops.publications TO `finance`;

GRANT SELECT ON previous.customer_cohorts__v* TO `finance`;

GRANT SELECT ON marts.`customer_values` TO `finance`;

GRANT SELECT ON builds.customer_values_all_* TO `finance`;

GRANT SELECT ON builds.customer_values__* TO `finance`;

GRANT SELECT(build_id, published_at) ON ops.publications TO `finance`;

GRANT SELECT ON previous.customer_values__v* TO `finance`;

GRANT SELECT ON marts.`customers` TO `finance`;

GRANT SELECT ON builds.customers_all_* TO `finance`;

GRANT SELECT ON builds.customers__* TO `finance`;

GRANT SELECT(build_id, published_at) ON ops.publications TO `finance`;

GRANT SELECT ON previous.customers__v* TO `finance`;

GRANT SELECT ON marts.`dates` TO `finance`;

GRANT SELECT ON builds.dates_all_* TO `finance`;

GRANT SELECT ON builds.dates__* TO `finance`;

GRANT SELECT(build_id, published_at) ON ops.publications TO `finance`;

GRANT SELECT ON previous.dates__v* TO `finance`;

GRANT SELECT ON marts.`door_flow` TO `finance`;

GRANT SELECT ON builds.door_flow_all_* TO `finance`;

GRANT SELECT ON builds.door_flow__* TO `finance`;

GRANT SELECT(build_id, published_at) ON ops.publications TO `finance`;

GRANT SELECT ON previous.door_flow__v* TO `finance`;

GRANT SELECT ON marts.`event_pace` TO `finance`;

GRANT SELECT ON builds.event_pace_all_* TO `finance`;

GRANT SELECT ON builds.event_pace__* TO `finance`;

GRANT SELECT(build_id, published_at) ON ops.publications TO `finance`;

GRANT SELECT ON previous.event_pace__v* TO `finance`;

GRANT SELECT ON marts.`events` TO `finance`;

GRANT SELECT ON builds.events_all_* TO `finance`;

GRANT SELECT ON builds.events__* TO `finance`;

GRANT SELECT(build_id, published_at) ON ops.publications TO `finance`;

GRANT SELECT ON previous.events__v* TO `finance`;

GRANT SELECT ON marts.`events_history` TO `finance`;

GRANT SELECT ON builds.events_history_all_* TO `finance`;

GRANT SELECT ON builds.events_history__* TO `finance`;

GRANT SELECT(build_id, published_at) ON ops.publications TO `finance`;

GRANT SELECT ON previous.events_history__v* TO `finance`;

GRANT SELECT ON marts.`freshness` TO `finance`;

GRANT SELECT ON builds.freshness_all_* TO `finance`;

GRANT SELECT ON builds.freshness__* TO `finance`;

GRANT SELECT(build_id, published_at) ON ops.publications TO `finance`;

GRANT SELECT ON previous.freshness__v* TO `finance`;

GRANT SELECT ON marts.`funnel_by_day` TO `finance`;

GRANT SELECT ON builds.funnel_by_day_all_* TO `finance`;

GRANT SELECT ON builds.funnel_by_day__* TO `finance`;

GRANT SELECT(build_id, published_at) ON ops.publications TO `finance`;

GRANT SELECT ON previous.funnel_by_day__v* TO `finance`;

GRANT SELECT ON marts.`inventory_by_day` TO `finance`;

GRANT SELECT ON builds.inventory_by_day_all_* TO `finance`;

GRANT SELECT ON builds.inventory_by_day__* TO `finance`;

GRANT SELECT(build_id, published_at) ON ops.publications TO `finance`;

GRANT SELECT ON previous.inventory_by_day__v* TO `finance`;

GRANT SELECT ON marts.`live_sales` TO `finance`;

GRANT SELECT ON marts.`order_lines` TO `finance`;

GRANT SELECT ON builds.order_lines_all_* TO `finance`;

GRANT SELECT ON builds.order_lines__* TO `finance`;

GRANT SELECT(build_id, published_at) ON ops.publications TO `finance`;

GRANT SELECT ON previous.order_lines__v* TO `finance`;

GRANT SELECT ON marts.`order_risks` TO `finance`;

GRANT SELECT ON builds.order_risks_all_* TO `finance`;

GRANT SELECT ON builds.order_risks__* TO `finance`;

GRANT SELECT(build_id, published_at) ON ops.publications TO `finance`;

GRANT SELECT ON previous.order_risks__v* TO `finance`;

GRANT SELECT ON marts.`orders` TO `finance`;

GRANT SELECT ON builds.orders_all_* TO `finance`;

GRANT SELECT ON builds.orders__* TO `finance`;

GRANT SELECT(build_id, published_at) ON ops.publications TO `finance`;

GRANT SELECT ON previous.orders__v* TO `finance`;

GRANT SELECT ON marts.`organizer_scorecards` TO `finance`;

GRANT SELECT ON builds.organizer_scorecards_all_* TO `finance`;

GRANT SELECT ON builds.organizer_scorecards__* TO `finance`;

GRANT SELECT(build_id, published_at) ON ops.publications TO `finance`;

GRANT SELECT ON previous.organizer_scorecards__v* TO `finance`;

GRANT SELECT ON marts.`organizers` TO `finance`;

GRANT SELECT ON builds.organizers_all_* TO `finance`;

GRANT SELECT ON builds.organizers__* TO `finance`;

GRANT SELECT(build_id, published_at) ON ops.publications TO `finance`;

GRANT SELECT ON previous.organizers__v* TO `finance`;

GRANT SELECT ON marts.`organizers_history` TO `finance`;

GRANT SELECT ON builds.organizers_history_all_* TO `finance`;

GRANT SELECT ON builds.organizers_history__* TO `finance`;

GRANT SELECT(build_id, published_at) ON ops.publications TO `finance`;

GRANT SELECT ON previous.organizers_history__v* TO `finance`;

GRANT SELECT ON marts.`page_views_by_day` TO `finance`;

GRANT SELECT ON builds.page_views_by_day_all_* TO `finance`;

GRANT SELECT ON builds.page_views_by_day__* TO `finance`;

GRANT SELECT(build_id, published_at) ON ops.publications TO `finance`;

GRANT SELECT ON previous.page_views_by_day__v* TO `finance`;

GRANT SELECT ON marts.`payments` TO `finance`;

GRANT SELECT ON builds.payments_all_* TO `finance`;

GRANT SELECT ON builds.payments__* TO `finance`;

GRANT SELECT(build_id, published_at) ON ops.publications TO `finance`;

GRANT SELECT ON previous.payments__v* TO `finance`;

GRANT SELECT ON marts.`payouts` TO `finance`;

GRANT SELECT ON builds.payouts_all_* TO `finance`;

GRANT SELECT ON builds.payouts__* TO `finance`;

GRANT SELECT(build_id, published_at) ON ops.publications TO `finance`;

GRANT SELECT ON previous.payouts__v* TO `finance`;

GRANT SELECT ON marts.`payouts_due` TO `finance`;

GRANT SELECT ON builds.payouts_due_all_* TO `finance`;

GRANT SELECT ON builds.payouts_due__* TO `finance`;

GRANT SELECT(build_id, published_at) ON ops.publications TO `finance`;

GRANT SELECT ON previous.payouts_due__v* TO `finance`;

GRANT SELECT ON marts.`promotion_effects` TO `finance`;

GRANT SELECT ON builds.promotion_effects_all_* TO `finance`;

GRANT SELECT ON builds.promotion_effects__* TO `finance`;

GRANT SELECT(build_id, published_at) ON ops.publications TO `finance`;

GRANT SELECT ON previous.promotion_effects__v* TO `finance`;

GRANT SELECT ON marts.`promotions` TO `finance`;

GRANT SELECT ON builds.promotions_all_* TO `finance`;

GRANT SELECT ON builds.promotions__* TO `finance`;

GRANT SELECT(build_id, published_at) ON ops.publications TO `finance`;

GRANT SELECT ON previous.promotions__v* TO `finance`;

GRANT SELECT ON marts.`refunds` TO `finance`;

GRANT SELECT ON builds.refunds_all_* TO `finance`;

GRANT SELECT ON builds.refunds__* TO `finance`;

GRANT SELECT(build_id, published_at) ON ops.publications TO `finance`;

GRANT SELECT ON previous.refunds__v* TO `finance`;

GRANT SELECT ON marts.`sales_by_channel` TO `finance`;

GRANT SELECT ON builds.sales_by_channel_all_* TO `finance`;

GRANT SELECT ON builds.sales_by_channel__* TO `finance`;

GRANT SELECT(build_id, published_at) ON ops.publications TO `finance`;

GRANT SELECT ON previous.sales_by_channel__v* TO `finance`;

GRANT SELECT ON marts.`sales_by_day` TO `finance`;

GRANT SELECT ON builds.sales_by_day_all_* TO `finance`;

GRANT SELECT ON builds.sales_by_day__* TO `finance`;

GRANT SELECT(build_id, published_at) ON ops.publications TO `finance`;

GRANT SELECT ON previous.sales_by_day__v* TO `finance`;

GRANT SELECT ON marts.`sales_by_event` TO `finance`;

GRANT SELECT ON builds.sales_by_event_all_* TO `finance`;

GRANT SELECT ON builds.sales_by_event__* TO `finance`;

GRANT SELECT(build_id, published_at) ON ops.publications TO `finance`;

GRANT SELECT ON previous.sales_by_event__v* TO `finance`;

GRANT SELECT ON marts.`sales_by_organizer` TO `finance`;

GRANT SELECT ON builds.sales_by_organizer_all_* TO `finance`;

GRANT SELECT ON builds.sales_by_organizer__* TO `finance`;

GRANT SELECT(build_id, published_at) ON ops.publications TO `finance`;

GRANT SELECT ON previous.sales_by_organizer__v* TO `finance`;

GRANT SELECT ON marts.`sales_by_ticket_type` TO `finance`;

GRANT SELECT ON builds.sales_by_ticket_type_all_* TO `finance`;

GRANT SELECT ON builds.sales_by_ticket_type__* TO `finance`;

GRANT SELECT(build_id, published_at) ON ops.publications TO `finance`;

GRANT SELECT ON previous.sales_by_ticket_type__v* TO `finance`;

GRANT SELECT ON marts.`ticket_types` TO `finance`;

GRANT SELECT ON builds.ticket_types_all_* TO `finance`;

GRANT SELECT ON builds.ticket_types__* TO `finance`;

GRANT SELECT(build_id, published_at) ON ops.publications TO `finance`;

GRANT SELECT ON previous.ticket_types__v* TO `finance`;

GRANT SELECT ON marts.`ticket_types_history` TO `finance`;

GRANT SELECT ON builds.ticket_types_history_all_* TO `finance`;

GRANT SELECT ON builds.ticket_types_history__* TO `finance`;

GRANT SELECT(build_id, published_at) ON ops.publications TO `finance`;

GRANT SELECT ON previous.ticket_types_history__v* TO `finance`;

GRANT SELECT ON marts.`tickets` TO `finance`;

GRANT SELECT ON builds.tickets_all_* TO `finance`;

GRANT SELECT ON builds.tickets__* TO `finance`;

GRANT SELECT(build_id, published_at) ON ops.publications TO `finance`;

GRANT SELECT ON previous.tickets__v* TO `finance`;

GRANT SELECT ON marts.`venues` TO `finance`;

GRANT SELECT ON builds.venues_all_* TO `finance`;

GRANT SELECT ON builds.venues__* TO `finance`;

GRANT SELECT(build_id, published_at) ON ops.publications TO `finance`;

GRANT SELECT ON previous.venues__v* TO `finance`;

CREATE QUOTA OR REPLACE `role_finance` KEYED BY user_name FOR INTERVAL 1 hour MAX execution_time = 3600 TO `finance`;

CREATE SETTINGS PROFILE OR REPLACE `role_support` SETTINGS max_memory_usage = 402653184 MIN 1 MAX 402653184, max_execution_time = 60 MIN 1 MAX 60, max_concurrent_queries_for_user = 6;

CREATE ROLE OR REPLACE `support` SETTINGS PROFILE 'role_support';

GRANT SELECT ON masked.`freshness` TO `support`;

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

GRANT SELECT ON marts.`freshness` TO `support`;

GRANT SELECT ON builds.freshness_all_* TO `support`;

GRANT SELECT ON builds.freshness__* TO `support`;

GRANT SELECT(build_id, published_at) ON ops.publications TO `support`;

GRANT SELECT ON previous.freshness__v* TO `support`;

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

GRANT SELECT ON masked.`carts` TO `auditor`;

GRANT SELECT ON personal.`carts` TO `auditor`;

GRANT SELECT ON masked.`check_ins` TO `auditor`;

GRANT SELECT ON masked.`currencies` TO `auditor`;

GRANT SELECT ON masked.`customer_cohorts` TO `auditor`;

GRANT SELECT ON masked.`customer_values` TO `auditor`;

GRANT SELECT ON personal.`customer_values` TO `auditor`;

GRANT SELECT ON masked.`customers` TO `auditor`;

GRANT SELECT ON personal.`customers` TO `auditor`;

GRANT SELECT ON masked.`dates` TO `auditor`;

GRANT SELECT ON masked.`door_flow` TO `auditor`;

GRANT SELECT ON masked.`event_pace` TO `auditor`;

GRANT SELECT ON masked.`events` TO `auditor`;

GRANT SELECT ON masked.`events__carts` TO `auditor`;

GRANT SELECT ON personal.`events__carts` TO `auditor`;

GRANT SELECT ON masked.`events__events` TO `auditor`;

GRANT SELECT ON masked.`events__page_views` TO `auditor`;

GRANT SELECT ON personal.`events__page_views` TO `auditor`;

GRANT SELECT ON masked.`events__venues` TO `auditor`;

GRANT SELECT ON masked.`events_history` TO `auditor`;

GRANT SELECT ON masked.`financial__exchange_rates` TO `auditor`;

GRANT SELECT ON masked.`financial__fee_schedules` TO `auditor`;

GRANT SELECT ON masked.`financial__invoices` TO `auditor`;

GRANT SELECT ON personal.`financial__invoices` TO `auditor`;

GRANT SELECT ON sensitive.`financial__invoices` TO `auditor`;

GRANT SELECT ON masked.`financial__payout_lines` TO `auditor`;

GRANT SELECT ON masked.`financial__payouts` TO `auditor`;

GRANT SELECT ON masked.`financial__settlements` TO `auditor`;

GRANT SELECT ON sensitive.`financial__settlements` TO `auditor`;

GRANT SELECT ON masked.`financial__tax_rates` TO `auditor`;

GRANT SELECT ON masked.`freshness` TO `auditor`;

GRANT SELECT ON masked.`funnel_by_day` TO `auditor`;

GRANT SELECT ON masked.`inventory_by_day` TO `auditor`;

GRANT SELECT ON masked.`live_sales` TO `auditor`;

GRANT SELECT ON masked.`order_lines` TO `auditor`;

GRANT SELECT ON personal.`order_lines` TO `auditor`;

GRANT SELECT ON masked.`order_risks` TO `auditor`;

GRANT SELECT ON personal.`order_risks` TO `auditor`;

GRANT SELECT ON masked.`orders` TO `auditor`;

GRANT SELECT ON personal.`orders` TO `auditor`;

GRANT SELECT ON masked.`organizer_scorecards` TO `auditor`;

GRANT SELECT ON masked.`organizers` TO `auditor`;

GRANT SELECT ON personal.`organizers` TO `auditor`;

GRANT SELECT ON masked.`organizers_history` TO `auditor`;

GRANT SELECT ON masked.`page_views_by_day` TO `auditor`;

GRANT SELECT ON masked.`payments` TO `auditor`;

GRANT SELECT ON masked.`payments__disputes` TO `auditor`;

GRANT SELECT ON sensitive.`payments__disputes` TO `auditor`;

GRANT SELECT ON masked.`payments__payments` TO `auditor`;

GRANT SELECT ON sensitive.`payments__payments` TO `auditor`;

GRANT SELECT ON masked.`payments__refunds` TO `auditor`;

GRANT SELECT ON sensitive.`payments__refunds` TO `auditor`;

GRANT SELECT ON masked.`payouts` TO `auditor`;

GRANT SELECT ON masked.`payouts_due` TO `auditor`;

GRANT SELECT ON masked.`promotion_effects` TO `auditor`;

GRANT SELECT ON masked.`promotions` TO `auditor`;

GRANT SELECT ON masked.`refunds` TO `auditor`;

GRANT SELECT ON masked.`sales_by_channel` TO `auditor`;

GRANT SELECT ON masked.`sales_by_day` TO `auditor`;

GRANT SELECT ON masked.`sales_by_event` TO `auditor`;

GRANT SELECT ON masked.`sales_by_organizer` TO `auditor`;

GRANT SELECT ON masked.`sales_by_ticket_type` TO `auditor`;

GRANT SELECT ON masked.`ticket_types` TO `auditor`;

GRANT SELECT ON masked.`ticket_types_history` TO `auditor`;

GRANT SELECT ON masked.`tickets` TO `auditor`;

GRANT SELECT ON personal.`tickets` TO `auditor`;

GRANT SELECT ON masked.`tickets__check_ins` TO `auditor`;

GRANT SELECT ON masked.`tickets__discount_codes` TO `auditor`;

GRANT SELECT ON masked.`tickets__order_items` TO `auditor`;

GRANT SELECT ON personal.`tickets__order_items` TO `auditor`;

GRANT SELECT ON masked.`tickets__orders` TO `auditor`;

GRANT SELECT ON personal.`tickets__orders` TO `auditor`;

GRANT SELECT ON masked.`tickets__ticket_transfers` TO `auditor`;

GRANT SELECT ON personal.`tickets__ticket_transfers` TO `auditor`;

GRANT SELECT ON masked.`tickets__ticket_types` TO `auditor`;

GRANT SELECT ON masked.`tickets__tickets` TO `auditor`;

GRANT SELECT ON personal.`tickets__tickets` TO `auditor`;

GRANT SELECT ON sensitive.`tickets__tickets` TO `auditor`;

GRANT SELECT ON masked.`users__organizers` TO `auditor`;

GRANT SELECT ON personal.`users__organizers` TO `auditor`;

GRANT SELECT ON sensitive.`users__organizers` TO `auditor`;

GRANT SELECT ON masked.`users__user_profiles` TO `auditor`;

GRANT SELECT ON personal.`users__user_profiles` TO `auditor`;

GRANT SELECT ON sensitive.`users__user_profiles` TO `auditor`;

GRANT SELECT ON masked.`users__users` TO `auditor`;

GRANT SELECT ON personal.`users__users` TO `auditor`;

GRANT SELECT ON masked.`venues` TO `auditor`;

GRANT SELECT ON marts.`carts` TO `auditor`;

GRANT SELECT ON builds.carts_all_* TO `auditor`;

GRANT SELECT ON builds.carts__* TO `auditor`;

GRANT SELECT(build_id, published_at) ON ops.publications TO `auditor`;

GRANT SELECT ON previous.carts__v* TO `auditor`;

GRANT SELECT ON marts.`check_ins` TO `auditor`;

GRANT SELECT ON builds.check_ins_all_* TO `auditor`;

GRANT SELECT ON builds.check_ins__* TO `auditor`;

GRANT SELECT(build_id, published_at) ON ops.publications TO `auditor`;

GRANT SELECT ON previous.check_ins__v* TO `auditor`;

GRANT SELECT ON marts.`currencies` TO `auditor`;

GRANT SELECT ON builds.currencies_all_* TO `auditor`;

GRANT SELECT ON builds.currencies__* TO `auditor`;

GRANT SELECT(build_id, published_at) ON ops.publications TO `auditor`;

GRANT SELECT ON previous.currencies__v* TO `auditor`;

GRANT SELECT ON marts.`customer_cohorts` TO `auditor`;

GRANT SELECT ON builds.customer_cohorts_all_* TO `auditor`;

GRANT SELECT ON builds.customer_cohorts__* TO `auditor`;

GRANT SELECT(build_id, published_at) ON ops.publications TO `auditor`;

GRANT SELECT ON previous.customer_cohorts__v* TO `auditor`;

GRANT SELECT ON marts.`customer_values` TO `auditor`;

GRANT SELECT ON builds.customer_values_all_* TO `auditor`;

GRANT SELECT ON builds.customer_values__* TO `auditor`;

GRANT SELECT(build_id, published_at) ON ops.publications TO `auditor`;

GRANT SELECT ON previous.customer_values__v* TO `auditor`;

GRANT SELECT ON marts.`customers` TO `auditor`;

GRANT SELECT ON builds.customers_all_* TO `auditor`;

GRANT SELECT ON builds.customers__* TO `auditor`;

GRANT SELECT(build_id, published_at) ON ops.publications TO `auditor`;

GRANT SELECT ON previous.customers__v* TO `auditor`;

GRANT SELECT ON marts.`dates` TO `auditor`;

GRANT SELECT ON builds.dates_all_* TO `auditor`;

GRANT SELECT ON builds.dates__* TO `auditor`;

GRANT SELECT(build_id, published_at) ON ops.publications TO `auditor`;

GRANT SELECT ON previous.dates__v* TO `auditor`;

GRANT SELECT ON marts.`door_flow` TO `auditor`;

GRANT SELECT ON builds.door_flow_all_* TO `auditor`;

GRANT SELECT ON builds.door_flow__* TO `auditor`;

GRANT SELECT(build_id, published_at) ON ops.publications TO `auditor`;

GRANT SELECT ON previous.door_flow__v* TO `auditor`;

GRANT SELECT ON marts.`event_pace` TO `auditor`;

GRANT SELECT ON builds.event_pace_all_* TO `auditor`;

GRANT SELECT ON builds.event_pace__* TO `auditor`;

GRANT SELECT(build_id, published_at) ON ops.publications TO `auditor`;

GRANT SELECT ON previous.event_pace__v* TO `auditor`;

GRANT SELECT ON marts.`events` TO `auditor`;

GRANT SELECT ON builds.events_all_* TO `auditor`;

GRANT SELECT ON builds.events__* TO `auditor`;

GRANT SELECT(build_id, published_at) ON ops.publications TO `auditor`;

GRANT SELECT ON previous.events__v* TO `auditor`;

GRANT SELECT ON marts.`events_history` TO `auditor`;

GRANT SELECT ON builds.events_history_all_* TO `auditor`;

GRANT SELECT ON builds.events_history__* TO `auditor`;

GRANT SELECT(build_id, published_at) ON ops.publications TO `auditor`;

GRANT SELECT ON previous.events_history__v* TO `auditor`;

GRANT SELECT ON marts.`freshness` TO `auditor`;

GRANT SELECT ON builds.freshness_all_* TO `auditor`;

GRANT SELECT ON builds.freshness__* TO `auditor`;

GRANT SELECT(build_id, published_at) ON ops.publications TO `auditor`;

GRANT SELECT ON previous.freshness__v* TO `auditor`;

GRANT SELECT ON marts.`funnel_by_day` TO `auditor`;

GRANT SELECT ON builds.funnel_by_day_all_* TO `auditor`;

GRANT SELECT ON builds.funnel_by_day__* TO `auditor`;

GRANT SELECT(build_id, published_at) ON ops.publications TO `auditor`;

GRANT SELECT ON previous.funnel_by_day__v* TO `auditor`;

GRANT SELECT ON marts.`inventory_by_day` TO `auditor`;

GRANT SELECT ON builds.inventory_by_day_all_* TO `auditor`;

GRANT SELECT ON builds.inventory_by_day__* TO `auditor`;

GRANT SELECT(build_id, published_at) ON ops.publications TO `auditor`;

GRANT SELECT ON previous.inventory_by_day__v* TO `auditor`;

GRANT SELECT ON marts.`live_sales` TO `auditor`;

GRANT SELECT ON marts.`order_lines` TO `auditor`;

GRANT SELECT ON builds.order_lines_all_* TO `auditor`;

GRANT SELECT ON builds.order_lines__* TO `auditor`;

GRANT SELECT(build_id, published_at) ON ops.publications TO `auditor`;

GRANT SELECT ON previous.order_lines__v* TO `auditor`;

GRANT SELECT ON marts.`order_risks` TO `auditor`;

GRANT SELECT ON builds.order_risks_all_* TO `auditor`;

GRANT SELECT ON builds.order_risks__* TO `auditor`;

GRANT SELECT(build_id, published_at) ON ops.publications TO `auditor`;

GRANT SELECT ON previous.order_risks__v* TO `auditor`;

GRANT SELECT ON marts.`orders` TO `auditor`;

GRANT SELECT ON builds.orders_all_* TO `auditor`;

GRANT SELECT ON builds.orders__* TO `auditor`;

GRANT SELECT(build_id, published_at) ON ops.publications TO `auditor`;

GRANT SELECT ON previous.orders__v* TO `auditor`;

GRANT SELECT ON marts.`organizer_scorecards` TO `auditor`;

GRANT SELECT ON builds.organizer_scorecards_all_* TO `auditor`;

GRANT SELECT ON builds.organizer_scorecards__* TO `auditor`;

GRANT SELECT(build_id, published_at) ON ops.publications TO `auditor`;

GRANT SELECT ON previous.organizer_scorecards__v* TO `auditor`;

GRANT SELECT ON marts.`organizers` TO `auditor`;

GRANT SELECT ON builds.organizers_all_* TO `auditor`;

GRANT SELECT ON builds.organizers__* TO `auditor`;

GRANT SELECT(build_id, published_at) ON ops.publications TO `auditor`;

GRANT SELECT ON previous.organizers__v* TO `auditor`;

GRANT SELECT ON marts.`organizers_history` TO `auditor`;

GRANT SELECT ON builds.organizers_history_all_* TO `auditor`;

GRANT SELECT ON builds.organizers_history__* TO `auditor`;

GRANT SELECT(build_id, published_at) ON ops.publications TO `auditor`;

GRANT SELECT ON previous.organizers_history__v* TO `auditor`;

GRANT SELECT ON marts.`page_views_by_day` TO `auditor`;

GRANT SELECT ON builds.page_views_by_day_all_* TO `auditor`;

GRANT SELECT ON builds.page_views_by_day__* TO `auditor`;

GRANT SELECT(build_id, published_at) ON ops.publications TO `auditor`;

GRANT SELECT ON previous.page_views_by_day__v* TO `auditor`;

GRANT SELECT ON marts.`payments` TO `auditor`;

GRANT SELECT ON builds.payments_all_* TO `auditor`;

GRANT SELECT ON builds.payments__* TO `auditor`;

GRANT SELECT(build_id, published_at) ON ops.publications TO `auditor`;

GRANT SELECT ON previous.payments__v* TO `auditor`;

GRANT SELECT ON marts.`payouts` TO `auditor`;

GRANT SELECT ON builds.payouts_all_* TO `auditor`;

GRANT SELECT ON builds.payouts__* TO `auditor`;

GRANT SELECT(build_id, published_at) ON ops.publications TO `auditor`;

GRANT SELECT ON previous.payouts__v* TO `auditor`;

GRANT SELECT ON marts.`payouts_due` TO `auditor`;

GRANT SELECT ON builds.payouts_due_all_* TO `auditor`;

GRANT SELECT ON builds.payouts_due__* TO `auditor`;

GRANT SELECT(build_id, published_at) ON ops.publications TO `auditor`;

GRANT SELECT ON previous.payouts_due__v* TO `auditor`;

GRANT SELECT ON marts.`promotion_effects` TO `auditor`;

GRANT SELECT ON builds.promotion_effects_all_* TO `auditor`;

GRANT SELECT ON builds.promotion_effects__* TO `auditor`;

GRANT SELECT(build_id, published_at) ON ops.publications TO `auditor`;

GRANT SELECT ON previous.promotion_effects__v* TO `auditor`;

GRANT SELECT ON marts.`promotions` TO `auditor`;

GRANT SELECT ON builds.promotions_all_* TO `auditor`;

GRANT SELECT ON builds.promotions__* TO `auditor`;

GRANT SELECT(build_id, published_at) ON ops.publications TO `auditor`;

GRANT SELECT ON previous.promotions__v* TO `auditor`;

GRANT SELECT ON marts.`refunds` TO `auditor`;

GRANT SELECT ON builds.refunds_all_* TO `auditor`;

GRANT SELECT ON builds.refunds__* TO `auditor`;

GRANT SELECT(build_id, published_at) ON ops.publications TO `auditor`;

GRANT SELECT ON previous.refunds__v* TO `auditor`;

GRANT SELECT ON marts.`sales_by_channel` TO `auditor`;

GRANT SELECT ON builds.sales_by_channel_all_* TO `auditor`;

GRANT SELECT ON builds.sales_by_channel__* TO `auditor`;

GRANT SELECT(build_id, published_at) ON ops.publications TO `auditor`;

GRANT SELECT ON previous.sales_by_channel__v* TO `auditor`;

GRANT SELECT ON marts.`sales_by_day` TO `auditor`;

GRANT SELECT ON builds.sales_by_day_all_* TO `auditor`;

GRANT SELECT ON builds.sales_by_day__* TO `auditor`;

GRANT SELECT(build_id, published_at) ON ops.publications TO `auditor`;

GRANT SELECT ON previous.sales_by_day__v* TO `auditor`;

GRANT SELECT ON marts.`sales_by_event` TO `auditor`;

GRANT SELECT ON builds.sales_by_event_all_* TO `auditor`;

GRANT SELECT ON builds.sales_by_event__* TO `auditor`;

GRANT SELECT(build_id, published_at) ON ops.publications TO `auditor`;

GRANT SELECT ON previous.sales_by_event__v* TO `auditor`;

GRANT SELECT ON marts.`sales_by_organizer` TO `auditor`;

GRANT SELECT ON builds.sales_by_organizer_all_* TO `auditor`;

GRANT SELECT ON builds.sales_by_organizer__* TO `auditor`;

GRANT SELECT(build_id, published_at) ON ops.publications TO `auditor`;

GRANT SELECT ON previous.sales_by_organizer__v* TO `auditor`;

GRANT SELECT ON marts.`sales_by_ticket_type` TO `auditor`;

GRANT SELECT ON builds.sales_by_ticket_type_all_* TO `auditor`;

GRANT SELECT ON builds.sales_by_ticket_type__* TO `auditor`;

GRANT SELECT(build_id, published_at) ON ops.publications TO `auditor`;

GRANT SELECT ON previous.sales_by_ticket_type__v* TO `auditor`;

GRANT SELECT ON marts.`ticket_types` TO `auditor`;

GRANT SELECT ON builds.ticket_types_all_* TO `auditor`;

GRANT SELECT ON builds.ticket_types__* TO `auditor`;

GRANT SELECT(build_id, published_at) ON ops.publications TO `auditor`;

GRANT SELECT ON previous.ticket_types__v* TO `auditor`;

GRANT SELECT ON marts.`ticket_types_history` TO `auditor`;

GRANT SELECT ON builds.ticket_types_history_all_* TO `auditor`;

GRANT SELECT ON builds.ticket_types_history__* TO `auditor`;

GRANT SELECT(build_id, published_at) ON ops.publications TO `auditor`;

GRANT SELECT ON previous.ticket_types_history__v* TO `auditor`;

GRANT SELECT ON marts.`tickets` TO `auditor`;

GRANT SELECT ON builds.tickets_all_* TO `auditor`;

GRANT SELECT ON builds.tickets__* TO `auditor`;

GRANT SELECT(build_id, published_at) ON ops.publications TO `auditor`;

GRANT SELECT ON previous.tickets__v* TO `auditor`;

GRANT SELECT ON marts.`venues` TO `auditor`;

GRANT SELECT ON builds.venues_all_* TO `auditor`;

GRANT SELECT ON builds.venues__* TO `auditor`;

GRANT SELECT(build_id, published_at) ON ops.publications TO `auditor`;

GRANT SELECT ON previous.venues__v* TO `auditor`;

CREATE QUOTA OR REPLACE `role_auditor` KEYED BY user_name FOR INTERVAL 1 hour MAX execution_time = 3600 TO `auditor`;

CREATE SETTINGS PROFILE OR REPLACE `role_organizer` SETTINGS max_memory_usage = 402653184 MIN 1 MAX 402653184, max_execution_time = 60 MIN 1 MAX 60, max_concurrent_queries_for_user = 6;

CREATE ROLE OR REPLACE `organizer` SETTINGS PROFILE 'role_organizer';

GRANT SELECT ON own.`carts` TO `organizer`;

GRANT SELECT ON own.`check_ins` TO `organizer`;

GRANT SELECT ON own.`door_flow` TO `organizer`;

GRANT SELECT ON own.`event_pace` TO `organizer`;

GRANT SELECT ON own.`events` TO `organizer`;

GRANT SELECT ON own.`events_history` TO `organizer`;

GRANT SELECT ON own.`funnel_by_day` TO `organizer`;

GRANT SELECT ON own.`order_lines` TO `organizer`;

GRANT SELECT ON own.`orders` TO `organizer`;

GRANT SELECT ON own.`organizer_scorecards` TO `organizer`;

GRANT SELECT ON own.`organizers` TO `organizer`;

GRANT SELECT ON own.`organizers_history` TO `organizer`;

GRANT SELECT ON own.`page_views_by_day` TO `organizer`;

GRANT SELECT ON own.`payments` TO `organizer`;

GRANT SELECT ON own.`payouts` TO `organizer`;

GRANT SELECT ON own.`payouts_due` TO `organizer`;

GRANT SELECT ON own.`promotion_effects` TO `organizer`;

GRANT SELECT ON own.`promotions` TO `organizer`;

GRANT SELECT ON own.`refunds` TO `organizer`;

GRANT SELECT ON own.`sales_by_organizer` TO `organizer`;

GRANT SELECT ON own.`ticket_types` TO `organizer`;

CREATE QUOTA OR REPLACE `role_organizer` KEYED BY user_name FOR INTERVAL 1 hour MAX execution_time = 3600 TO `organizer`;

CREATE SETTINGS PROFILE OR REPLACE `role_engineer` SETTINGS max_memory_usage = 536870912 MIN 1 MAX 536870912, max_execution_time = 600 MIN 1 MAX 600, max_concurrent_queries_for_user = 8;

CREATE ROLE OR REPLACE `engineer` SETTINGS PROFILE 'role_engineer';

GRANT SELECT ON ops.ledger TO `engineer`;

GRANT SELECT ON ops.positions TO `engineer`;

GRANT SELECT ON ops.truncations TO `engineer`;

GRANT SELECT ON ops.builds TO `engineer`;

GRANT SELECT ON ops.publications TO `engineer`;

GRANT SELECT ON ops.archive_runs TO `engineer`;

GRANT SELECT ON ops.files TO `engineer`;

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

GRANT SELECT ON masked.`carts` TO `engineer`;

GRANT SELECT ON masked.`check_ins` TO `engineer`;

GRANT SELECT ON masked.`currencies` TO `engineer`;

GRANT SELECT ON masked.`customer_cohorts` TO `engineer`;

GRANT SELECT ON masked.`customer_values` TO `engineer`;

GRANT SELECT ON masked.`customers` TO `engineer`;

GRANT SELECT ON masked.`dates` TO `engineer`;

GRANT SELECT ON masked.`door_flow` TO `engineer`;

GRANT SELECT ON masked.`event_pace` TO `engineer`;

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

GRANT SELECT ON masked.`events_history` TO `engineer`;

GRANT SELECT ON masked.`financial__exchange_rates` TO `engineer`;

GRANT SELECT ON masked.`financial__fee_schedules` TO `engineer`;

GRANT SELECT ON masked.`financial__invoices` TO `engineer`;

GRANT SELECT ON masked.`financial__payout_lines` TO `engineer`;

GRANT SELECT ON masked.`financial__payouts` TO `engineer`;

GRANT SELECT ON masked.`financial__settlements` TO `engineer`;

GRANT SELECT ON masked.`financial__tax_rates` TO `engineer`;

GRANT SELECT ON masked.`freshness` TO `engineer`;

GRANT SELECT ON masked.`funnel_by_day` TO `engineer`;

GRANT SELECT ON masked.`inventory_by_day` TO `engineer`;

GRANT SELECT ON masked.`live_sales` TO `engineer`;

GRANT SELECT ON masked.`order_lines` TO `engineer`;

GRANT SELECT ON masked.`order_risks` TO `engineer`;

GRANT SELECT ON masked.`orders` TO `engineer`;

GRANT SELECT ON masked.`organizer_scorecards` TO `engineer`;

GRANT SELECT ON masked.`organizers` TO `engineer`;

GRANT SELECT ON masked.`organizers_history` TO `engineer`;

GRANT SELECT ON masked.`page_views_by_day` TO `engineer`;

GRANT SELECT ON masked.`payments` TO `engineer`;

GRANT SELECT ON masked.`payments__disputes` TO `engineer`;

GRANT SELECT ON masked.`payments__payments` TO `engineer`;

GRANT SELECT ON masked.`payments__refunds` TO `engineer`;

GRANT SELECT ON masked.`payouts` TO `engineer`;

GRANT SELECT ON masked.`payouts_due` TO `engineer`;

GRANT SELECT ON masked.`promotion_effects` TO `engineer`;

GRANT SELECT ON masked.`promotions` TO `engineer`;

GRANT SELECT ON masked.`refunds` TO `engineer`;

GRANT SELECT ON masked.`sales_by_channel` TO `engineer`;

GRANT SELECT ON masked.`sales_by_day` TO `engineer`;

GRANT SELECT ON masked.`sales_by_event` TO `engineer`;

GRANT SELECT ON masked.`sales_by_organizer` TO `engineer`;

GRANT SELECT ON masked.`sales_by_ticket_type` TO `engineer`;

GRANT SELECT ON masked.`system__notifications` TO `engineer`;

GRANT SELECT ON masked.`system__outbox` TO `engineer`;

GRANT SELECT ON masked.`ticket_types` TO `engineer`;

GRANT SELECT ON masked.`ticket_types_history` TO `engineer`;

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

GRANT SELECT ON masked.`venues` TO `engineer`;

GRANT SELECT ON marts.`check_ins` TO `engineer`;

GRANT SELECT ON builds.check_ins_all_* TO `engineer`;

GRANT SELECT ON builds.check_ins__* TO `engineer`;

GRANT SELECT(build_id, published_at) ON ops.publications TO `engineer`;

GRANT SELECT ON previous.check_ins__v* TO `engineer`;

GRANT SELECT ON marts.`currencies` TO `engineer`;

GRANT SELECT ON builds.currencies_all_* TO `engineer`;

GRANT SELECT ON builds.currencies__* TO `engineer`;

GRANT SELECT(build_id, published_at) ON ops.publications TO `engineer`;

GRANT SELECT ON previous.currencies__v* TO `engineer`;

GRANT SELECT ON marts.`customer_cohorts` TO `engineer`;

GRANT SELECT ON builds.customer_cohorts_all_* TO `engineer`;

GRANT SELECT ON builds.customer_cohorts__* TO `engineer`;

GRANT SELECT(build_id, published_at) ON ops.publications TO `engineer`;

GRANT SELECT ON previous.customer_cohorts__v* TO `engineer`;

GRANT SELECT ON marts.`dates` TO `engineer`;

GRANT SELECT ON builds.dates_all_* TO `engineer`;

GRANT SELECT ON builds.dates__* TO `engineer`;

GRANT SELECT(build_id, published_at) ON ops.publications TO `engineer`;

GRANT SELECT ON previous.dates__v* TO `engineer`;

GRANT SELECT ON marts.`door_flow` TO `engineer`;

GRANT SELECT ON builds.door_flow_all_* TO `engineer`;

GRANT SELECT ON builds.door_flow__* TO `engineer`;

GRANT SELECT(build_id, published_at) ON ops.publications TO `engineer`;

GRANT SELECT ON previous.door_flow__v* TO `engineer`;

GRANT SELECT ON marts.`event_pace` TO `engineer`;

GRANT SELECT ON builds.event_pace_all_* TO `engineer`;

GRANT SELECT ON builds.event_pace__* TO `engineer`;

GRANT SELECT(build_id, published_at) ON ops.publications TO `engineer`;

GRANT SELECT ON previous.event_pace__v* TO `engineer`;

GRANT SELECT ON marts.`events` TO `engineer`;

GRANT SELECT ON builds.events_all_* TO `engineer`;

GRANT SELECT ON builds.events__* TO `engineer`;

GRANT SELECT(build_id, published_at) ON ops.publications TO `engineer`;

GRANT SELECT ON previous.events__v* TO `engineer`;

GRANT SELECT ON marts.`events_history` TO `engineer`;

GRANT SELECT ON builds.events_history_all_* TO `engineer`;

GRANT SELECT ON builds.events_history__* TO `engineer`;

GRANT SELECT(build_id, published_at) ON ops.publications TO `engineer`;

GRANT SELECT ON previous.events_history__v* TO `engineer`;

GRANT SELECT ON marts.`freshness` TO `engineer`;

GRANT SELECT ON builds.freshness_all_* TO `engineer`;

GRANT SELECT ON builds.freshness__* TO `engineer`;

GRANT SELECT(build_id, published_at) ON ops.publications TO `engineer`;

GRANT SELECT ON previous.freshness__v* TO `engineer`;

GRANT SELECT ON marts.`funnel_by_day` TO `engineer`;

GRANT SELECT ON builds.funnel_by_day_all_* TO `engineer`;

GRANT SELECT ON builds.funnel_by_day__* TO `engineer`;

GRANT SELECT(build_id, published_at) ON ops.publications TO `engineer`;

GRANT SELECT ON previous.funnel_by_day__v* TO `engineer`;

GRANT SELECT ON marts.`inventory_by_day` TO `engineer`;

GRANT SELECT ON builds.inventory_by_day_all_* TO `engineer`;

GRANT SELECT ON builds.inventory_by_day__* TO `engineer`;

GRANT SELECT(build_id, published_at) ON ops.publications TO `engineer`;

GRANT SELECT ON previous.inventory_by_day__v* TO `engineer`;

GRANT SELECT ON marts.`live_sales` TO `engineer`;

GRANT SELECT ON marts.`organizer_scorecards` TO `engineer`;

GRANT SELECT ON builds.organizer_scorecards_all_* TO `engineer`;

GRANT SELECT ON builds.organizer_scorecards__* TO `engineer`;

GRANT SELECT(build_id, published_at) ON ops.publications TO `engineer`;

GRANT SELECT ON previous.organizer_scorecards__v* TO `engineer`;

GRANT SELECT ON marts.`organizers_history` TO `engineer`;

GRANT SELECT ON builds.organizers_history_all_* TO `engineer`;

GRANT SELECT ON builds.organizers_history__* TO `engineer`;

GRANT SELECT(build_id, published_at) ON ops.publications TO `engineer`;

GRANT SELECT ON previous.organizers_history__v* TO `engineer`;

GRANT SELECT ON marts.`page_views_by_day` TO `engineer`;

GRANT SELECT ON builds.page_views_by_day_all_* TO `engineer`;

GRANT SELECT ON builds.page_views_by_day__* TO `engineer`;

GRANT SELECT(build_id, published_at) ON ops.publications TO `engineer`;

GRANT SELECT ON previous.page_views_by_day__v* TO `engineer`;

GRANT SELECT ON marts.`payments` TO `engineer`;

GRANT SELECT ON builds.payments_all_* TO `engineer`;

GRANT SELECT ON builds.payments__* TO `engineer`;

GRANT SELECT(build_id, published_at) ON ops.publications TO `engineer`;

GRANT SELECT ON previous.payments__v* TO `engineer`;

GRANT SELECT ON marts.`payouts` TO `engineer`;

GRANT SELECT ON builds.payouts_all_* TO `engineer`;

GRANT SELECT ON builds.payouts__* TO `engineer`;

GRANT SELECT(build_id, published_at) ON ops.publications TO `engineer`;

GRANT SELECT ON previous.payouts__v* TO `engineer`;

GRANT SELECT ON marts.`payouts_due` TO `engineer`;

GRANT SELECT ON builds.payouts_due_all_* TO `engineer`;

GRANT SELECT ON builds.payouts_due__* TO `engineer`;

GRANT SELECT(build_id, published_at) ON ops.publications TO `engineer`;

GRANT SELECT ON previous.payouts_due__v* TO `engineer`;

GRANT SELECT ON marts.`promotion_effects` TO `engineer`;

GRANT SELECT ON builds.promotion_effects_all_* TO `engineer`;

GRANT SELECT ON builds.promotion_effects__* TO `engineer`;

GRANT SELECT(build_id, published_at) ON ops.publications TO `engineer`;

GRANT SELECT ON previous.promotion_effects__v* TO `engineer`;

GRANT SELECT ON marts.`promotions` TO `engineer`;

GRANT SELECT ON builds.promotions_all_* TO `engineer`;

GRANT SELECT ON builds.promotions__* TO `engineer`;

GRANT SELECT(build_id, published_at) ON ops.publications TO `engineer`;

GRANT SELECT ON previous.promotions__v* TO `engineer`;

GRANT SELECT ON marts.`refunds` TO `engineer`;

GRANT SELECT ON builds.refunds_all_* TO `engineer`;

GRANT SELECT ON builds.refunds__* TO `engineer`;

GRANT SELECT(build_id, published_at) ON ops.publications TO `engineer`;

GRANT SELECT ON previous.refunds__v* TO `engineer`;

GRANT SELECT ON marts.`sales_by_channel` TO `engineer`;

GRANT SELECT ON builds.sales_by_channel_all_* TO `engineer`;

GRANT SELECT ON builds.sales_by_channel__* TO `engineer`;

GRANT SELECT(build_id, published_at) ON ops.publications TO `engineer`;

GRANT SELECT ON previous.sales_by_channel__v* TO `engineer`;

GRANT SELECT ON marts.`sales_by_day` TO `engineer`;

GRANT SELECT ON builds.sales_by_day_all_* TO `engineer`;

GRANT SELECT ON builds.sales_by_day__* TO `engineer`;

GRANT SELECT(build_id, published_at) ON ops.publications TO `engineer`;

GRANT SELECT ON previous.sales_by_day__v* TO `engineer`;

GRANT SELECT ON marts.`sales_by_event` TO `engineer`;

GRANT SELECT ON builds.sales_by_event_all_* TO `engineer`;

GRANT SELECT ON builds.sales_by_event__* TO `engineer`;

GRANT SELECT(build_id, published_at) ON ops.publications TO `engineer`;

GRANT SELECT ON previous.sales_by_event__v* TO `engineer`;

GRANT SELECT ON marts.`sales_by_organizer` TO `engineer`;

GRANT SELECT ON builds.sales_by_organizer_all_* TO `engineer`;

GRANT SELECT ON builds.sales_by_organizer__* TO `engineer`;

GRANT SELECT(build_id, published_at) ON ops.publications TO `engineer`;

GRANT SELECT ON previous.sales_by_organizer__v* TO `engineer`;

GRANT SELECT ON marts.`sales_by_ticket_type` TO `engineer`;

GRANT SELECT ON builds.sales_by_ticket_type_all_* TO `engineer`;

GRANT SELECT ON builds.sales_by_ticket_type__* TO `engineer`;

GRANT SELECT(build_id, published_at) ON ops.publications TO `engineer`;

GRANT SELECT ON previous.sales_by_ticket_type__v* TO `engineer`;

GRANT SELECT ON marts.`ticket_types` TO `engineer`;

GRANT SELECT ON builds.ticket_types_all_* TO `engineer`;

GRANT SELECT ON builds.ticket_types__* TO `engineer`;

GRANT SELECT(build_id, published_at) ON ops.publications TO `engineer`;

GRANT SELECT ON previous.ticket_types__v* TO `engineer`;

GRANT SELECT ON marts.`ticket_types_history` TO `engineer`;

GRANT SELECT ON builds.ticket_types_history_all_* TO `engineer`;

GRANT SELECT ON builds.ticket_types_history__* TO `engineer`;

GRANT SELECT(build_id, published_at) ON ops.publications TO `engineer`;

GRANT SELECT ON previous.ticket_types_history__v* TO `engineer`;

GRANT SELECT ON marts.`venues` TO `engineer`;

GRANT SELECT ON builds.venues_all_* TO `engineer`;

GRANT SELECT ON builds.venues__* TO `engineer`;

GRANT SELECT(build_id, published_at) ON ops.publications TO `engineer`;

GRANT SELECT ON previous.venues__v* TO `engineer`;

GRANT SELECT ON system.* TO `engineer`;

CREATE QUOTA OR REPLACE `role_engineer` KEYED BY user_name FOR INTERVAL 1 hour MAX execution_time = 48000 TO `engineer`;

CREATE SETTINGS PROFILE OR REPLACE `role_loader` SETTINGS max_memory_usage = 805306368 MIN 1 MAX 805306368, max_execution_time = 3600 MIN 1 MAX 3600, max_concurrent_queries_for_user = 64;

CREATE ROLE OR REPLACE `loader` SETTINGS PROFILE 'role_loader';

GRANT SELECT, INSERT ON landing.* TO `loader`;

GRANT SELECT, INSERT ON raw.* TO `loader`;

GRANT SELECT, INSERT ON ods.* TO `loader`;

GRANT SELECT, INSERT ON ops.* TO `loader`;

CREATE QUOTA OR REPLACE `role_loader` KEYED BY user_name FOR INTERVAL 1 hour MAX execution_time = 2304000 TO `loader`;

CREATE SETTINGS PROFILE OR REPLACE `role_dbt` SETTINGS max_memory_usage = 805306368 MIN 1 MAX 805306368, max_execution_time = 3600 MIN 1 MAX 3600, max_concurrent_queries_for_user = 16;

CREATE ROLE OR REPLACE `dbt` SETTINGS PROFILE 'role_dbt';

GRANT SELECT ON raw.* TO `dbt`;

GRANT SELECT ON ods.* TO `dbt`;

GRANT SELECT ON ops.* TO `dbt`;

GRANT SELECT, INSERT, ALTER TABLE, ALTER VIEW, CREATE DATABASE, CREATE TABLE, CREATE VIEW, DROP TABLE, DROP VIEW, DROP DATABASE, TRUNCATE, OPTIMIZE, SHOW ON staging.* TO `dbt`;

GRANT SELECT, INSERT, ALTER TABLE, ALTER VIEW, CREATE DATABASE, CREATE TABLE, CREATE VIEW, DROP TABLE, DROP VIEW, DROP DATABASE, TRUNCATE, OPTIMIZE, SHOW ON intermediate.* TO `dbt`;

GRANT SELECT, INSERT, ALTER TABLE, ALTER VIEW, CREATE DATABASE, CREATE TABLE, CREATE VIEW, DROP TABLE, DROP VIEW, DROP DATABASE, TRUNCATE, OPTIMIZE, SHOW ON build_*.* TO `dbt`;

GRANT SELECT, CREATE VIEW, DROP VIEW ON marts.live_* TO `dbt`;

CREATE QUOTA OR REPLACE `role_dbt` KEYED BY user_name FOR INTERVAL 1 hour MAX execution_time = 576000 TO `dbt`;

CREATE ROW POLICY OR REPLACE own_rows ON own.`carts` FOR SELECT USING `organizer_id` = toUUIDOrZero(extract(getSetting('promql_database'), '[^:]*$')) AS RESTRICTIVE TO `organizer`;

CREATE ROW POLICY OR REPLACE own_rows ON own.`check_ins` FOR SELECT USING `organizer_id` = toUUIDOrZero(extract(getSetting('promql_database'), '[^:]*$')) AS RESTRICTIVE TO `organizer`;

CREATE ROW POLICY OR REPLACE own_rows ON own.`door_flow` FOR SELECT USING `organizer_id` = toUUIDOrZero(extract(getSetting('promql_database'), '[^:]*$')) AS RESTRICTIVE TO `organizer`;

CREATE ROW POLICY OR REPLACE own_rows ON own.`event_pace` FOR SELECT USING `organizer_id` = toUUIDOrZero(extract(getSetting('promql_database'), '[^:]*$')) AS RESTRICTIVE TO `organizer`;

CREATE ROW POLICY OR REPLACE own_rows ON own.`events` FOR SELECT USING `organizer_id` = toUUIDOrZero(extract(getSetting('promql_database'), '[^:]*$')) AS RESTRICTIVE TO `organizer`;

CREATE ROW POLICY OR REPLACE own_rows ON own.`events_history` FOR SELECT USING `organizer_id` = toUUIDOrZero(extract(getSetting('promql_database'), '[^:]*$')) AS RESTRICTIVE TO `organizer`;

CREATE ROW POLICY OR REPLACE own_rows ON own.`funnel_by_day` FOR SELECT USING `organizer_id` = toUUIDOrZero(extract(getSetting('promql_database'), '[^:]*$')) AS RESTRICTIVE TO `organizer`;

CREATE ROW POLICY OR REPLACE own_rows ON own.`order_lines` FOR SELECT USING `organizer_id` = toUUIDOrZero(extract(getSetting('promql_database'), '[^:]*$')) AS RESTRICTIVE TO `organizer`;

CREATE ROW POLICY OR REPLACE own_rows ON own.`orders` FOR SELECT USING `organizer_id` = toUUIDOrZero(extract(getSetting('promql_database'), '[^:]*$')) AS RESTRICTIVE TO `organizer`;

CREATE ROW POLICY OR REPLACE own_rows ON own.`organizer_scorecards` FOR SELECT USING `organizer_id` = toUUIDOrZero(extract(getSetting('promql_database'), '[^:]*$')) AS RESTRICTIVE TO `organizer`;

CREATE ROW POLICY OR REPLACE own_rows ON own.`organizers` FOR SELECT USING `organizer_id` = toUUIDOrZero(extract(getSetting('promql_database'), '[^:]*$')) AS RESTRICTIVE TO `organizer`;

CREATE ROW POLICY OR REPLACE own_rows ON own.`organizers_history` FOR SELECT USING `organizer_id` = toUUIDOrZero(extract(getSetting('promql_database'), '[^:]*$')) AS RESTRICTIVE TO `organizer`;

CREATE ROW POLICY OR REPLACE own_rows ON own.`page_views_by_day` FOR SELECT USING `organizer_id` = toUUIDOrZero(extract(getSetting('promql_database'), '[^:]*$')) AS RESTRICTIVE TO `organizer`;

CREATE ROW POLICY OR REPLACE own_rows ON own.`payments` FOR SELECT USING `organizer_id` = toUUIDOrZero(extract(getSetting('promql_database'), '[^:]*$')) AS RESTRICTIVE TO `organizer`;

CREATE ROW POLICY OR REPLACE own_rows ON own.`payouts` FOR SELECT USING `organizer_id` = toUUIDOrZero(extract(getSetting('promql_database'), '[^:]*$')) AS RESTRICTIVE TO `organizer`;

CREATE ROW POLICY OR REPLACE own_rows ON own.`payouts_due` FOR SELECT USING `organizer_id` = toUUIDOrZero(extract(getSetting('promql_database'), '[^:]*$')) AS RESTRICTIVE TO `organizer`;

CREATE ROW POLICY OR REPLACE own_rows ON own.`promotion_effects` FOR SELECT USING `organizer_id` = toUUIDOrZero(extract(getSetting('promql_database'), '[^:]*$')) AS RESTRICTIVE TO `organizer`;

CREATE ROW POLICY OR REPLACE own_rows ON own.`promotions` FOR SELECT USING `organizer_id` = toUUIDOrZero(extract(getSetting('promql_database'), '[^:]*$')) AS RESTRICTIVE TO `organizer`;

CREATE ROW POLICY OR REPLACE own_rows ON own.`refunds` FOR SELECT USING `organizer_id` = toUUIDOrZero(extract(getSetting('promql_database'), '[^:]*$')) AS RESTRICTIVE TO `organizer`;

CREATE ROW POLICY OR REPLACE own_rows ON own.`sales_by_organizer` FOR SELECT USING `organizer_id` = toUUIDOrZero(extract(getSetting('promql_database'), '[^:]*$')) AS RESTRICTIVE TO `organizer`;

CREATE ROW POLICY OR REPLACE own_rows ON own.`ticket_types` FOR SELECT USING `organizer_id` = toUUIDOrZero(extract(getSetting('promql_database'), '[^:]*$')) AS RESTRICTIVE TO `organizer`;
