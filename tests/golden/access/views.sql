CREATE DATABASE IF NOT EXISTS access;

CREATE TABLE IF NOT EXISTS access.masking (id UInt8, k0 UInt64, k1 UInt64) ENGINE = Join(ANY, LEFT, id);

INSERT INTO access.masking SELECT 0, reinterpretAsUInt64(randomFixedString(8)), reinterpretAsUInt64(randomFixedString(8)) WHERE (SELECT count() FROM access.masking) = 0;

CREATE TABLE IF NOT EXISTS access.views (name String, digest String, made_at DateTime64(6, 'UTC')) ENGINE = ReplacingMergeTree(made_at) ORDER BY name;

CREATE DATABASE IF NOT EXISTS masked;

CREATE DATABASE IF NOT EXISTS personal;

CREATE DATABASE IF NOT EXISTS sensitive;

CREATE DATABASE IF NOT EXISTS own;

CREATE OR REPLACE VIEW masked.`authentication__credentials` DEFINER = CURRENT_USER SQL SECURITY DEFINER
AS SELECT
    `user_id`,
    CAST('***', 'String') AS `algorithm`,
    defaultValueOfTypeName('Int16') AS `failed_attempts`,
    defaultValueOfTypeName('Nullable(DateTime64(6, \'UTC\'))') AS `locked_until`,
    defaultValueOfTypeName('DateTime64(6, \'UTC\')') AS `changed_at`,
    `created_at`,
    `updated_at`
FROM ods.`authentication__credentials`;

CREATE OR REPLACE VIEW sensitive.`authentication__credentials` DEFINER = CURRENT_USER SQL SECURITY DEFINER
AS SELECT
    `user_id`,
    `algorithm`,
    `failed_attempts`,
    `locked_until`,
    `changed_at`,
    `created_at`,
    `updated_at`
FROM ods.`authentication__credentials`;

CREATE OR REPLACE VIEW masked.`authentication__external_accounts` DEFINER = CURRENT_USER SQL SECURITY DEFINER
AS SELECT
    `id`,
    `user_id`,
    `provider`,
    CAST('***', 'String') AS `subject`,
    CAST(if(isNull(`email`), NULL, '***'), 'Nullable(String)') AS `email`,
    `linked_at`,
    `created_at`,
    `updated_at`
FROM ods.`authentication__external_accounts`;

CREATE OR REPLACE VIEW personal.`authentication__external_accounts` DEFINER = CURRENT_USER SQL SECURITY DEFINER
AS SELECT
    `id`,
    `user_id`,
    `provider`,
    CAST('***', 'String') AS `subject`,
    `email`,
    `linked_at`,
    `created_at`,
    `updated_at`
FROM ods.`authentication__external_accounts`;

CREATE OR REPLACE VIEW sensitive.`authentication__external_accounts` DEFINER = CURRENT_USER SQL SECURITY DEFINER
AS SELECT
    `id`,
    `user_id`,
    `provider`,
    `subject`,
    `email`,
    `linked_at`,
    `created_at`,
    `updated_at`
FROM ods.`authentication__external_accounts`;

CREATE OR REPLACE VIEW masked.`authentication__permissions` DEFINER = CURRENT_USER SQL SECURITY DEFINER
AS SELECT
    `id`,
    `name`,
    `description`,
    `created_at`,
    `updated_at`
FROM ods.`authentication__permissions`;

CREATE OR REPLACE VIEW masked.`authentication__role_permissions` DEFINER = CURRENT_USER SQL SECURITY DEFINER
AS SELECT
    `role_id`,
    `permission_id`,
    `created_at`,
    `updated_at`
FROM ods.`authentication__role_permissions`;

CREATE OR REPLACE VIEW masked.`authentication__roles` DEFINER = CURRENT_USER SQL SECURITY DEFINER
AS SELECT
    `id`,
    `name`,
    `description`,
    `is_system`,
    `created_at`,
    `updated_at`
FROM ods.`authentication__roles`;

CREATE OR REPLACE VIEW masked.`authentication__sessions` DEFINER = CURRENT_USER SQL SECURITY DEFINER
AS SELECT
    `id`,
    `user_id`,
    `channel`,
    CAST(if(isNull(`ip_address`), NULL, '***'), 'Nullable(String)') AS `ip_address`,
    CAST(if(isNull(`user_agent`), NULL, '***'), 'Nullable(String)') AS `user_agent`,
    `started_at`,
    `last_active_at`,
    `expires_at`,
    `revoked_at`,
    `created_at`,
    `updated_at`
FROM ods.`authentication__sessions`;

CREATE OR REPLACE VIEW personal.`authentication__sessions` DEFINER = CURRENT_USER SQL SECURITY DEFINER
AS SELECT
    `id`,
    `user_id`,
    `channel`,
    `ip_address`,
    `user_agent`,
    `started_at`,
    `last_active_at`,
    `expires_at`,
    `revoked_at`,
    `created_at`,
    `updated_at`
FROM ods.`authentication__sessions`;

CREATE OR REPLACE VIEW masked.`authentication__user_activities` DEFINER = CURRENT_USER SQL SECURITY DEFINER
AS SELECT
    `id`,
    `user_id`,
    `session_id`,
    `action`,
    `resource_type`,
    `resource_id`,
    CAST(if(isNull(`ip_address`), NULL, '***'), 'Nullable(String)') AS `ip_address`,
    CAST('{}', 'String') AS `details`,
    `occurred_at`,
    `created_at`,
    `updated_at`
FROM ods.`authentication__user_activities`;

CREATE OR REPLACE VIEW personal.`authentication__user_activities` DEFINER = CURRENT_USER SQL SECURITY DEFINER
AS SELECT
    `id`,
    `user_id`,
    `session_id`,
    `action`,
    `resource_type`,
    `resource_id`,
    `ip_address`,
    `details`,
    `occurred_at`,
    `created_at`,
    `updated_at`
FROM ods.`authentication__user_activities`;

CREATE OR REPLACE VIEW masked.`authentication__user_roles` DEFINER = CURRENT_USER SQL SECURITY DEFINER
AS SELECT
    `user_id`,
    `role_id`,
    `granted_by`,
    `created_at`,
    `updated_at`
FROM ods.`authentication__user_roles`;

CREATE OR REPLACE VIEW masked.`authentication__verification_tokens` DEFINER = CURRENT_USER SQL SECURITY DEFINER
AS SELECT
    `id`,
    `user_id`,
    `purpose`,
    `expires_at`,
    `used_at`,
    `created_at`,
    `updated_at`
FROM ods.`authentication__verification_tokens`;

CREATE OR REPLACE VIEW masked.`branding__assets` DEFINER = CURRENT_USER SQL SECURITY DEFINER
AS SELECT
    `id`,
    `organizer_id`,
    `kind`,
    `url`,
    `size_bytes`,
    `checksum`,
    `created_at`,
    `updated_at`
FROM ods.`branding__assets`;

CREATE OR REPLACE VIEW masked.`branding__brand_configurations` DEFINER = CURRENT_USER SQL SECURITY DEFINER
AS SELECT
    `id`,
    `organizer_id`,
    `logo_id`,
    `primary_color`,
    `secondary_color`,
    `fonts`,
    `theme`,
    `created_at`,
    `updated_at`
FROM ods.`branding__brand_configurations`;

CREATE OR REPLACE VIEW masked.`branding__custom_domains` DEFINER = CURRENT_USER SQL SECURITY DEFINER
AS SELECT
    `id`,
    `organizer_id`,
    `domain`,
    `status`,
    `verified_at`,
    `certificate_expires_at`,
    `created_at`,
    `updated_at`
FROM ods.`branding__custom_domains`;

CREATE OR REPLACE VIEW masked.`branding__templates` DEFINER = CURRENT_USER SQL SECURITY DEFINER
AS SELECT
    `id`,
    `organizer_id`,
    `kind`,
    `name`,
    `locale`,
    `body`,
    `revision`,
    `is_active`,
    `created_at`,
    `updated_at`
FROM ods.`branding__templates`;

CREATE OR REPLACE VIEW masked.`carts` DEFINER = CURRENT_USER SQL SECURITY DEFINER
AS SELECT
    `cart_id`,
    `event_id`,
    `organizer_id`,
    CAST(reinterpretAsUUID(sipHash128Keyed((joinGet('access.masking', 'k0', materialize(toUInt8(0))), joinGet('access.masking', 'k1', materialize(toUInt8(0)))), `customer_id`)), 'Nullable(UUID)') AS `customer_id`,
    `status`,
    `is_converted`,
    `is_paid`,
    `order_id`,
    `opened_at`,
    `opened_on_local`,
    `currency`,
    `total_amount`
FROM marts.`carts`;

CREATE OR REPLACE VIEW personal.`carts` DEFINER = CURRENT_USER SQL SECURITY DEFINER
AS SELECT
    `cart_id`,
    `event_id`,
    `organizer_id`,
    `customer_id`,
    `status`,
    `is_converted`,
    `is_paid`,
    `order_id`,
    `opened_at`,
    `opened_on_local`,
    `currency`,
    `total_amount`
FROM marts.`carts`;

CREATE OR REPLACE VIEW own.`carts` DEFINER = CURRENT_USER SQL SECURITY DEFINER
AS SELECT
    `cart_id`,
    `event_id`,
    `organizer_id`,
    CAST(reinterpretAsUUID(sipHash128Keyed((joinGet('access.masking', 'k0', materialize(toUInt8(0))), joinGet('access.masking', 'k1', materialize(toUInt8(0)))), `customer_id`)), 'Nullable(UUID)') AS `customer_id`,
    `status`,
    `is_converted`,
    `is_paid`,
    `order_id`,
    `opened_at`,
    `opened_on_local`,
    `currency`,
    `total_amount`
FROM marts.`carts`
WHERE `organizer_id` = toUUIDOrZero(extract(getSetting('promql_database'), '[^:]*$')) AND toUUIDOrZero(extract(getSetting('promql_database'), '[^:]*$')) != toUUID('00000000-0000-0000-0000-000000000000')
LIMIT 4611686018427387904;

CREATE OR REPLACE VIEW masked.`check_ins` DEFINER = CURRENT_USER SQL SECURITY DEFINER
AS SELECT
    `check_in_id`,
    `ticket_id`,
    `ticket_type_id`,
    `event_id`,
    `organizer_id`,
    `method`,
    `gate`,
    `checked_in_at`,
    `checked_in_local_at`,
    `minutes_to_start`
FROM marts.`check_ins`;

CREATE OR REPLACE VIEW own.`check_ins` DEFINER = CURRENT_USER SQL SECURITY DEFINER
AS SELECT
    `check_in_id`,
    `ticket_id`,
    `ticket_type_id`,
    `event_id`,
    `organizer_id`,
    `method`,
    `gate`,
    `checked_in_at`,
    `checked_in_local_at`,
    `minutes_to_start`
FROM marts.`check_ins`
WHERE `organizer_id` = toUUIDOrZero(extract(getSetting('promql_database'), '[^:]*$')) AND toUUIDOrZero(extract(getSetting('promql_database'), '[^:]*$')) != toUUID('00000000-0000-0000-0000-000000000000')
LIMIT 4611686018427387904;

CREATE OR REPLACE VIEW masked.`currencies` DEFINER = CURRENT_USER SQL SECURITY DEFINER
AS SELECT
    `currency`,
    `first_quoted_on`,
    `last_quoted_on`,
    `quotations`,
    `latest_rate`,
    `lowest_rate`,
    `highest_rate`
FROM marts.`currencies`;

CREATE OR REPLACE VIEW masked.`customer_cohorts` DEFINER = CURRENT_USER SQL SECURITY DEFINER
AS SELECT
    `cohort_month`,
    `months_since`,
    `month`,
    `customers`,
    `active_customers`,
    `retention`,
    `orders`,
    `total_amount_eur`,
    `refunded_amount_eur`,
    `net_amount_eur`,
    `net_amount_eur_so_far`
FROM marts.`customer_cohorts`;

CREATE OR REPLACE VIEW masked.`customer_values` DEFINER = CURRENT_USER SQL SECURITY DEFINER
AS SELECT
    CAST(reinterpretAsUUID(sipHash128Keyed((joinGet('access.masking', 'k0', materialize(toUInt8(0))), joinGet('access.masking', 'k1', materialize(toUInt8(0)))), `customer_id`)), 'UUID') AS `customer_id`,
    `cohort_month`,
    `first_ordered_at`,
    `last_ordered_at`,
    `days_since_last_order`,
    `orders`,
    `orders_refunded`,
    `tickets`,
    `events`,
    `total_amount_eur`,
    `refunded_amount_eur`,
    `net_amount_eur`,
    `average_order_amount_eur`,
    `recency_score`,
    `frequency_score`,
    `money_score`,
    `segment`
FROM marts.`customer_values`;

CREATE OR REPLACE VIEW personal.`customer_values` DEFINER = CURRENT_USER SQL SECURITY DEFINER
AS SELECT
    `customer_id`,
    `cohort_month`,
    `first_ordered_at`,
    `last_ordered_at`,
    `days_since_last_order`,
    `orders`,
    `orders_refunded`,
    `tickets`,
    `events`,
    `total_amount_eur`,
    `refunded_amount_eur`,
    `net_amount_eur`,
    `average_order_amount_eur`,
    `recency_score`,
    `frequency_score`,
    `money_score`,
    `segment`
FROM marts.`customer_values`;

CREATE OR REPLACE VIEW masked.`customers` DEFINER = CURRENT_USER SQL SECURITY DEFINER
AS SELECT
    CAST(reinterpretAsUUID(sipHash128Keyed((joinGet('access.masking', 'k0', materialize(toUInt8(0))), joinGet('access.masking', 'k1', materialize(toUInt8(0)))), `customer_id`)), 'UUID') AS `customer_id`,
    `role`,
    `status`,
    `is_verified`,
    CAST(if(isNull(`country`), NULL, '***'), 'Nullable(String)') AS `country`,
    CAST(if(isNull(`locale`), NULL, '***'), 'Nullable(String)') AS `locale`,
    `registered_at`,
    `is_buyer`,
    `first_ordered_at`,
    `last_ordered_at`,
    `orders`,
    `tickets`,
    `total_amount_eur`,
    `refunded_amount_eur`,
    `net_amount_eur`
FROM marts.`customers`;

CREATE OR REPLACE VIEW personal.`customers` DEFINER = CURRENT_USER SQL SECURITY DEFINER
AS SELECT
    `customer_id`,
    `role`,
    `status`,
    `is_verified`,
    `country`,
    `locale`,
    `registered_at`,
    `is_buyer`,
    `first_ordered_at`,
    `last_ordered_at`,
    `orders`,
    `tickets`,
    `total_amount_eur`,
    `refunded_amount_eur`,
    `net_amount_eur`
FROM marts.`customers`;

CREATE OR REPLACE VIEW masked.`dates` DEFINER = CURRENT_USER SQL SECURITY DEFINER
AS SELECT
    `date_day`,
    `year`,
    `quarter`,
    `month`,
    `month_start`,
    `iso_week`,
    `day_of_week`,
    `day_name`,
    `is_weekend`
FROM marts.`dates`;

CREATE OR REPLACE VIEW masked.`door_flow` DEFINER = CURRENT_USER SQL SECURITY DEFINER
AS SELECT
    `event_id`,
    `organizer_id`,
    `gate`,
    `minute_at`,
    `minute_local_at`,
    `minutes_to_start`,
    `admitted`,
    `admitted_so_far`
FROM marts.`door_flow`;

CREATE OR REPLACE VIEW own.`door_flow` DEFINER = CURRENT_USER SQL SECURITY DEFINER
AS SELECT
    `event_id`,
    `organizer_id`,
    `gate`,
    `minute_at`,
    `minute_local_at`,
    `minutes_to_start`,
    `admitted`,
    `admitted_so_far`
FROM marts.`door_flow`
WHERE `organizer_id` = toUUIDOrZero(extract(getSetting('promql_database'), '[^:]*$')) AND toUUIDOrZero(extract(getSetting('promql_database'), '[^:]*$')) != toUUID('00000000-0000-0000-0000-000000000000')
LIMIT 4611686018427387904;

CREATE OR REPLACE VIEW masked.`event_pace` DEFINER = CURRENT_USER SQL SECURITY DEFINER
AS SELECT
    `event_id`,
    `organizer_id`,
    `type`,
    `size`,
    `days_before`,
    `reached_on_local`,
    `tickets_offered`,
    `tickets_bought`,
    `sell_through`,
    `similar_events`,
    `similar_tickets_offered`,
    `similar_tickets_bought`,
    `similar_sell_through`
FROM marts.`event_pace`;

CREATE OR REPLACE VIEW own.`event_pace` DEFINER = CURRENT_USER SQL SECURITY DEFINER
AS SELECT
    `event_id`,
    `organizer_id`,
    `type`,
    `size`,
    `days_before`,
    `reached_on_local`,
    `tickets_offered`,
    `tickets_bought`,
    `sell_through`,
    `similar_events`,
    `similar_tickets_offered`,
    `similar_tickets_bought`,
    `similar_sell_through`
FROM marts.`event_pace`
WHERE `organizer_id` = toUUIDOrZero(extract(getSetting('promql_database'), '[^:]*$')) AND toUUIDOrZero(extract(getSetting('promql_database'), '[^:]*$')) != toUUID('00000000-0000-0000-0000-000000000000')
LIMIT 4611686018427387904;

CREATE OR REPLACE VIEW masked.`events` DEFINER = CURRENT_USER SQL SECURITY DEFINER
AS SELECT
    `event_id`,
    `organizer_id`,
    `venue_id`,
    `title`,
    `slug`,
    `type`,
    `format`,
    `status`,
    `visibility`,
    `venue_name`,
    `venue_city`,
    `venue_country`,
    `time_zone`,
    `created_at`,
    `published_at`,
    `cancelled_at`,
    `starts_at`,
    `ends_at`,
    `currency`,
    `capacity`,
    `ticket_types`,
    `tickets_offered`,
    `tickets_sold`,
    `tickets_refunded`,
    `tickets_checked_in`,
    `orders`,
    `total_amount_eur`,
    `refunded_amount_eur`,
    `net_amount_eur`
FROM marts.`events`;

CREATE OR REPLACE VIEW own.`events` DEFINER = CURRENT_USER SQL SECURITY DEFINER
AS SELECT
    `event_id`,
    `organizer_id`,
    `venue_id`,
    `title`,
    `slug`,
    `type`,
    `format`,
    `status`,
    `visibility`,
    `venue_name`,
    `venue_city`,
    `venue_country`,
    `time_zone`,
    `created_at`,
    `published_at`,
    `cancelled_at`,
    `starts_at`,
    `ends_at`,
    `currency`,
    `capacity`,
    `ticket_types`,
    `tickets_offered`,
    `tickets_sold`,
    `tickets_refunded`,
    `tickets_checked_in`,
    `orders`,
    `total_amount_eur`,
    `refunded_amount_eur`,
    `net_amount_eur`
FROM marts.`events`
WHERE `organizer_id` = toUUIDOrZero(extract(getSetting('promql_database'), '[^:]*$')) AND toUUIDOrZero(extract(getSetting('promql_database'), '[^:]*$')) != toUUID('00000000-0000-0000-0000-000000000000')
LIMIT 4611686018427387904;

CREATE OR REPLACE VIEW masked.`events__cart_items` DEFINER = CURRENT_USER SQL SECURITY DEFINER
AS SELECT
    `id`,
    `cart_id`,
    `ticket_type_id`,
    `quantity`,
    `unit_price`,
    `created_at`,
    `updated_at`
FROM ods.`events__cart_items`;

CREATE OR REPLACE VIEW masked.`events__carts` DEFINER = CURRENT_USER SQL SECURITY DEFINER
AS SELECT
    `id`,
    `event_id`,
    `user_id`,
    CAST(reinterpretAsUUID(sipHash128Keyed((joinGet('access.masking', 'k0', materialize(toUInt8(0))), joinGet('access.masking', 'k1', materialize(toUInt8(0)))), `visitor_id`)), 'UUID') AS `visitor_id`,
    `status`,
    `currency`,
    `total`,
    `expires_at`,
    `converted_order_id`,
    `created_at`,
    `updated_at`
FROM ods.`events__carts`;

CREATE OR REPLACE VIEW personal.`events__carts` DEFINER = CURRENT_USER SQL SECURITY DEFINER
AS SELECT
    `id`,
    `event_id`,
    `user_id`,
    `visitor_id`,
    `status`,
    `currency`,
    `total`,
    `expires_at`,
    `converted_order_id`,
    `created_at`,
    `updated_at`
FROM ods.`events__carts`;

CREATE OR REPLACE VIEW masked.`events__categories` DEFINER = CURRENT_USER SQL SECURITY DEFINER
AS SELECT
    `id`,
    `parent_id`,
    `name`,
    `slug`,
    `position`,
    `created_at`,
    `updated_at`
FROM ods.`events__categories`;

CREATE OR REPLACE VIEW masked.`events__event_categories` DEFINER = CURRENT_USER SQL SECURITY DEFINER
AS SELECT
    `event_id`,
    `category_id`,
    `is_primary`,
    `created_at`,
    `updated_at`
FROM ods.`events__event_categories`;

CREATE OR REPLACE VIEW masked.`events__event_details` DEFINER = CURRENT_USER SQL SECURITY DEFINER
AS SELECT
    `id`,
    `event_id`,
    `description`,
    `tags`,
    `age_restriction`,
    `refund_policy`,
    `accessibility`,
    `social_links`,
    `created_at`,
    `updated_at`
FROM ods.`events__event_details`;

CREATE OR REPLACE VIEW masked.`events__events` DEFINER = CURRENT_USER SQL SECURITY DEFINER
AS SELECT
    `id`,
    `organizer_id`,
    `venue_id`,
    `title`,
    `slug`,
    `status`,
    `visibility`,
    `type`,
    `format`,
    `starts_at`,
    `ends_at`,
    `capacity`,
    `time_zone`,
    `currency`,
    `published_at`,
    `cancelled_at`,
    `created_at`,
    `updated_at`
FROM ods.`events__events`;

CREATE OR REPLACE VIEW masked.`events__media` DEFINER = CURRENT_USER SQL SECURITY DEFINER
AS SELECT
    `id`,
    `event_id`,
    `kind`,
    `url`,
    `caption`,
    `position`,
    `size_bytes`,
    `created_at`,
    `updated_at`
FROM ods.`events__media`;

CREATE OR REPLACE VIEW masked.`events__page_views` DEFINER = CURRENT_USER SQL SECURITY DEFINER
AS SELECT
    `id`,
    `event_id`,
    `user_id`,
    CAST(reinterpretAsUUID(sipHash128Keyed((joinGet('access.masking', 'k0', materialize(toUInt8(0))), joinGet('access.masking', 'k1', materialize(toUInt8(0)))), `visitor_id`)), 'UUID') AS `visitor_id`,
    `channel`,
    `device`,
    `country`,
    `referrer`,
    `campaign`,
    `viewed_at`,
    `created_at`,
    `updated_at`
FROM ods.`events__page_views`;

CREATE OR REPLACE VIEW personal.`events__page_views` DEFINER = CURRENT_USER SQL SECURITY DEFINER
AS SELECT
    `id`,
    `event_id`,
    `user_id`,
    `visitor_id`,
    `channel`,
    `device`,
    `country`,
    `referrer`,
    `campaign`,
    `viewed_at`,
    `created_at`,
    `updated_at`
FROM ods.`events__page_views`;

CREATE OR REPLACE VIEW masked.`events__schedule_items` DEFINER = CURRENT_USER SQL SECURITY DEFINER
AS SELECT
    `id`,
    `event_id`,
    `speaker_id`,
    `title`,
    `room`,
    `starts_at`,
    `ends_at`,
    `created_at`,
    `updated_at`
FROM ods.`events__schedule_items`;

CREATE OR REPLACE VIEW masked.`events__speakers` DEFINER = CURRENT_USER SQL SECURITY DEFINER
AS SELECT
    `id`,
    `event_id`,
    CAST('***', 'String') AS `name`,
    CAST(if(isNull(`email`), NULL, '***'), 'Nullable(String)') AS `email`,
    CAST(if(isNull(`title`), NULL, '***'), 'Nullable(String)') AS `title`,
    CAST(if(isNull(`organization`), NULL, '***'), 'Nullable(String)') AS `organization`,
    CAST(if(isNull(`biography`), NULL, '***'), 'Nullable(String)') AS `biography`,
    `created_at`,
    `updated_at`
FROM ods.`events__speakers`;

CREATE OR REPLACE VIEW personal.`events__speakers` DEFINER = CURRENT_USER SQL SECURITY DEFINER
AS SELECT
    `id`,
    `event_id`,
    `name`,
    `email`,
    `title`,
    `organization`,
    `biography`,
    `created_at`,
    `updated_at`
FROM ods.`events__speakers`;

CREATE OR REPLACE VIEW masked.`events__venues` DEFINER = CURRENT_USER SQL SECURITY DEFINER
AS SELECT
    `id`,
    `name`,
    `address_line`,
    `postal_code`,
    `city`,
    `country`,
    `latitude`,
    `longitude`,
    `capacity`,
    `time_zone`,
    `created_at`,
    `updated_at`
FROM ods.`events__venues`;

CREATE OR REPLACE VIEW masked.`events_history` DEFINER = CURRENT_USER SQL SECURITY DEFINER
AS SELECT
    `event_id`,
    `version`,
    `organizer_id`,
    `venue_id`,
    `title`,
    `type`,
    `format`,
    `status`,
    `visibility`,
    `starts_at`,
    `ends_at`,
    `capacity`,
    `time_zone`,
    `currency`,
    `valid_from`,
    `valid_to`,
    `valid_from_position`,
    `is_current`,
    `is_observed`
FROM marts.`events_history`;

CREATE OR REPLACE VIEW own.`events_history` DEFINER = CURRENT_USER SQL SECURITY DEFINER
AS SELECT
    `event_id`,
    `version`,
    `organizer_id`,
    `venue_id`,
    `title`,
    `type`,
    `format`,
    `status`,
    `visibility`,
    `starts_at`,
    `ends_at`,
    `capacity`,
    `time_zone`,
    `currency`,
    `valid_from`,
    `valid_to`,
    `valid_from_position`,
    `is_current`,
    `is_observed`
FROM marts.`events_history`
WHERE `organizer_id` = toUUIDOrZero(extract(getSetting('promql_database'), '[^:]*$')) AND toUUIDOrZero(extract(getSetting('promql_database'), '[^:]*$')) != toUUID('00000000-0000-0000-0000-000000000000')
LIMIT 4611686018427387904;

CREATE OR REPLACE VIEW masked.`financial__exchange_rates` DEFINER = CURRENT_USER SQL SECURITY DEFINER
AS SELECT
    `id`,
    `base_currency`,
    `quote_currency`,
    `rate`,
    `valid_on`,
    `source`,
    `created_at`,
    `updated_at`
FROM ods.`financial__exchange_rates`;

CREATE OR REPLACE VIEW masked.`financial__fee_schedules` DEFINER = CURRENT_USER SQL SECURITY DEFINER
AS SELECT
    `id`,
    `subscription_tier`,
    `currency`,
    `percentage`,
    `fixed`,
    `created_at`,
    `updated_at`
FROM ods.`financial__fee_schedules`;

CREATE OR REPLACE VIEW masked.`financial__invoices` DEFINER = CURRENT_USER SQL SECURITY DEFINER
AS SELECT
    `id`,
    `order_id`,
    `invoice_number`,
    `status`,
    CAST('***', 'String') AS `recipient_name`,
    CAST('{}', 'String') AS `recipient_address`,
    CAST(if(isNull(`tax_id`), NULL, '***'), 'Nullable(String)') AS `tax_id`,
    `currency`,
    `net`,
    `tax`,
    `total`,
    `issued_at`,
    `due_on`,
    `created_at`,
    `updated_at`
FROM ods.`financial__invoices`;

CREATE OR REPLACE VIEW personal.`financial__invoices` DEFINER = CURRENT_USER SQL SECURITY DEFINER
AS SELECT
    `id`,
    `order_id`,
    `invoice_number`,
    `status`,
    `recipient_name`,
    `recipient_address`,
    CAST(if(isNull(`tax_id`), NULL, '***'), 'Nullable(String)') AS `tax_id`,
    `currency`,
    `net`,
    `tax`,
    `total`,
    `issued_at`,
    `due_on`,
    `created_at`,
    `updated_at`
FROM ods.`financial__invoices`;

CREATE OR REPLACE VIEW sensitive.`financial__invoices` DEFINER = CURRENT_USER SQL SECURITY DEFINER
AS SELECT
    `id`,
    `order_id`,
    `invoice_number`,
    `status`,
    `recipient_name`,
    `recipient_address`,
    `tax_id`,
    `currency`,
    `net`,
    `tax`,
    `total`,
    `issued_at`,
    `due_on`,
    `created_at`,
    `updated_at`
FROM ods.`financial__invoices`;

CREATE OR REPLACE VIEW masked.`financial__payout_lines` DEFINER = CURRENT_USER SQL SECURITY DEFINER
AS SELECT
    `id`,
    `payout_id`,
    `event_id`,
    `kind`,
    `orders`,
    `amount`,
    `currency`,
    `created_at`,
    `updated_at`
FROM ods.`financial__payout_lines`;

CREATE OR REPLACE VIEW masked.`financial__payouts` DEFINER = CURRENT_USER SQL SECURITY DEFINER
AS SELECT
    `id`,
    `organizer_id`,
    `period_start`,
    `period_end`,
    `status`,
    `currency`,
    `gross`,
    `refunds`,
    `commission`,
    `amount`,
    `reference`,
    `paid_at`,
    `created_at`,
    `updated_at`
FROM ods.`financial__payouts`;

CREATE OR REPLACE VIEW masked.`financial__settlements` DEFINER = CURRENT_USER SQL SECURITY DEFINER
AS SELECT
    `id`,
    `settled_on`,
    `reference`,
    `kind`,
    `provider`,
    CAST(if(isNull(`provider_intent`), NULL, '***'), 'Nullable(String)') AS `provider_intent`,
    `gross`,
    `fee`,
    `net`,
    `currency`,
    `occurred_at`
FROM ods.`financial__settlements`;

CREATE OR REPLACE VIEW sensitive.`financial__settlements` DEFINER = CURRENT_USER SQL SECURITY DEFINER
AS SELECT
    `id`,
    `settled_on`,
    `reference`,
    `kind`,
    `provider`,
    `provider_intent`,
    `gross`,
    `fee`,
    `net`,
    `currency`,
    `occurred_at`
FROM ods.`financial__settlements`;

CREATE OR REPLACE VIEW masked.`financial__tax_rates` DEFINER = CURRENT_USER SQL SECURITY DEFINER
AS SELECT
    `id`,
    `country`,
    `name`,
    `rate`,
    `valid_from`,
    `valid_until`,
    `created_at`,
    `updated_at`
FROM ods.`financial__tax_rates`;

CREATE OR REPLACE VIEW masked.`freshness` DEFINER = CURRENT_USER SQL SECURITY DEFINER
AS SELECT
    `mart`,
    `complete_as_of`,
    `complete_as_of_position`,
    `last_changed_at`,
    `changes`,
    `last_changed_source`,
    `sources`
FROM marts.`freshness`;

CREATE OR REPLACE VIEW masked.`funnel_by_day` DEFINER = CURRENT_USER SQL SECURITY DEFINER
AS SELECT
    `event_id`,
    `organizer_id`,
    `funnel_on_local`,
    `page_views`,
    `visitors`,
    `carts`,
    `carts_converted`,
    `carts_paid`,
    `orders`,
    `orders_paid`,
    `tickets_paid`,
    `total_amount_eur`
FROM marts.`funnel_by_day`;

CREATE OR REPLACE VIEW own.`funnel_by_day` DEFINER = CURRENT_USER SQL SECURITY DEFINER
AS SELECT
    `event_id`,
    `organizer_id`,
    `funnel_on_local`,
    `page_views`,
    `visitors`,
    `carts`,
    `carts_converted`,
    `carts_paid`,
    `orders`,
    `orders_paid`,
    `tickets_paid`,
    `total_amount_eur`
FROM marts.`funnel_by_day`
WHERE `organizer_id` = toUUIDOrZero(extract(getSetting('promql_database'), '[^:]*$')) AND toUUIDOrZero(extract(getSetting('promql_database'), '[^:]*$')) != toUUID('00000000-0000-0000-0000-000000000000')
LIMIT 4611686018427387904;

CREATE OR REPLACE VIEW masked.`inventory_by_day` DEFINER = CURRENT_USER SQL SECURITY DEFINER
AS SELECT
    `ticket_type_id`,
    `event_id`,
    `sold_on_local`,
    `tickets_bought`,
    `tickets_bought_so_far`,
    `tickets_offered`,
    `sell_through`
FROM marts.`inventory_by_day`;

CREATE OR REPLACE VIEW masked.`live_sales` DEFINER = CURRENT_USER SQL SECURITY DEFINER
AS SELECT
    `sales_on`,
    `event_id`,
    `channel`,
    `currency`,
    `orders`,
    `tickets`,
    `gross_amount`,
    `discount_amount`,
    `sales_amount`,
    `tax_amount`,
    `fee_amount`,
    `total_amount`,
    `last_committed_at`
FROM marts.`live_sales`;

CREATE OR REPLACE VIEW masked.`order_lines` DEFINER = CURRENT_USER SQL SECURITY DEFINER
AS SELECT
    `order_item_id`,
    `order_id`,
    `event_id`,
    `organizer_id`,
    CAST(reinterpretAsUUID(sipHash128Keyed((joinGet('access.masking', 'k0', materialize(toUInt8(0))), joinGet('access.masking', 'k1', materialize(toUInt8(0)))), `customer_id`)), 'Nullable(UUID)') AS `customer_id`,
    `ticket_type_id`,
    `promotion_id`,
    `is_sale`,
    `channel`,
    `ordered_at`,
    `ordered_on`,
    `ordered_on_local`,
    `tickets`,
    `currency`,
    `unit_price_amount`,
    `list_price_amount`,
    `gross_amount`,
    `discount_amount`,
    `sales_amount`,
    `gross_amount_eur`,
    `discount_amount_eur`,
    `sales_amount_eur`
FROM marts.`order_lines`;

CREATE OR REPLACE VIEW personal.`order_lines` DEFINER = CURRENT_USER SQL SECURITY DEFINER
AS SELECT
    `order_item_id`,
    `order_id`,
    `event_id`,
    `organizer_id`,
    `customer_id`,
    `ticket_type_id`,
    `promotion_id`,
    `is_sale`,
    `channel`,
    `ordered_at`,
    `ordered_on`,
    `ordered_on_local`,
    `tickets`,
    `currency`,
    `unit_price_amount`,
    `list_price_amount`,
    `gross_amount`,
    `discount_amount`,
    `sales_amount`,
    `gross_amount_eur`,
    `discount_amount_eur`,
    `sales_amount_eur`
FROM marts.`order_lines`;

CREATE OR REPLACE VIEW own.`order_lines` DEFINER = CURRENT_USER SQL SECURITY DEFINER
AS SELECT
    `order_item_id`,
    `order_id`,
    `event_id`,
    `organizer_id`,
    CAST(reinterpretAsUUID(sipHash128Keyed((joinGet('access.masking', 'k0', materialize(toUInt8(0))), joinGet('access.masking', 'k1', materialize(toUInt8(0)))), `customer_id`)), 'Nullable(UUID)') AS `customer_id`,
    `ticket_type_id`,
    `promotion_id`,
    `is_sale`,
    `channel`,
    `ordered_at`,
    `ordered_on`,
    `ordered_on_local`,
    `tickets`,
    `currency`,
    `unit_price_amount`,
    `list_price_amount`,
    `gross_amount`,
    `discount_amount`,
    `sales_amount`,
    `gross_amount_eur`,
    `discount_amount_eur`,
    `sales_amount_eur`
FROM marts.`order_lines`
WHERE `organizer_id` = toUUIDOrZero(extract(getSetting('promql_database'), '[^:]*$')) AND toUUIDOrZero(extract(getSetting('promql_database'), '[^:]*$')) != toUUID('00000000-0000-0000-0000-000000000000')
LIMIT 4611686018427387904;

CREATE OR REPLACE VIEW masked.`order_risks` DEFINER = CURRENT_USER SQL SECURITY DEFINER
AS SELECT
    `order_id`,
    `event_id`,
    `organizer_id`,
    CAST(reinterpretAsUUID(sipHash128Keyed((joinGet('access.masking', 'k0', materialize(toUInt8(0))), joinGet('access.masking', 'k1', materialize(toUInt8(0)))), `customer_id`)), 'Nullable(UUID)') AS `customer_id`,
    `status`,
    `channel`,
    `ordered_at`,
    `currency`,
    `total_amount`,
    `total_amount_eur`,
    `failed_payments`,
    `orders_in_hour`,
    `minutes_to_refund`,
    `disputes`,
    `disputes_lost`,
    `disputed_amount`,
    `has_failed_payments`,
    `is_burst`,
    `is_refunded_quickly`,
    `is_disputed`,
    `signals`
FROM marts.`order_risks`;

CREATE OR REPLACE VIEW personal.`order_risks` DEFINER = CURRENT_USER SQL SECURITY DEFINER
AS SELECT
    `order_id`,
    `event_id`,
    `organizer_id`,
    `customer_id`,
    `status`,
    `channel`,
    `ordered_at`,
    `currency`,
    `total_amount`,
    `total_amount_eur`,
    `failed_payments`,
    `orders_in_hour`,
    `minutes_to_refund`,
    `disputes`,
    `disputes_lost`,
    `disputed_amount`,
    `has_failed_payments`,
    `is_burst`,
    `is_refunded_quickly`,
    `is_disputed`,
    `signals`
FROM marts.`order_risks`;

CREATE OR REPLACE VIEW masked.`orders` DEFINER = CURRENT_USER SQL SECURITY DEFINER
AS SELECT
    `order_id`,
    `order_number`,
    `event_id`,
    `organizer_id`,
    CAST(reinterpretAsUUID(sipHash128Keyed((joinGet('access.masking', 'k0', materialize(toUInt8(0))), joinGet('access.masking', 'k1', materialize(toUInt8(0)))), `customer_id`)), 'Nullable(UUID)') AS `customer_id`,
    `discount_code_id`,
    `status`,
    `is_sale`,
    `channel`,
    `ordered_at`,
    `ordered_on`,
    `confirmed_at`,
    `cancelled_at`,
    `items`,
    `tickets`,
    `currency`,
    `exchange_rate`,
    `gross_amount`,
    `discount_amount`,
    `sales_amount`,
    `tax_amount`,
    `fee_amount`,
    `total_amount`,
    `refunded_amount`,
    `net_amount`,
    `paid_amount`,
    `gross_amount_eur`,
    `discount_amount_eur`,
    `sales_amount_eur`,
    `tax_amount_eur`,
    `fee_amount_eur`,
    `total_amount_eur`,
    `refunded_amount_eur`,
    `net_amount_eur`
FROM marts.`orders`;

CREATE OR REPLACE VIEW personal.`orders` DEFINER = CURRENT_USER SQL SECURITY DEFINER
AS SELECT
    `order_id`,
    `order_number`,
    `event_id`,
    `organizer_id`,
    `customer_id`,
    `discount_code_id`,
    `status`,
    `is_sale`,
    `channel`,
    `ordered_at`,
    `ordered_on`,
    `confirmed_at`,
    `cancelled_at`,
    `items`,
    `tickets`,
    `currency`,
    `exchange_rate`,
    `gross_amount`,
    `discount_amount`,
    `sales_amount`,
    `tax_amount`,
    `fee_amount`,
    `total_amount`,
    `refunded_amount`,
    `net_amount`,
    `paid_amount`,
    `gross_amount_eur`,
    `discount_amount_eur`,
    `sales_amount_eur`,
    `tax_amount_eur`,
    `fee_amount_eur`,
    `total_amount_eur`,
    `refunded_amount_eur`,
    `net_amount_eur`
FROM marts.`orders`;

CREATE OR REPLACE VIEW own.`orders` DEFINER = CURRENT_USER SQL SECURITY DEFINER
AS SELECT
    `order_id`,
    `order_number`,
    `event_id`,
    `organizer_id`,
    CAST(reinterpretAsUUID(sipHash128Keyed((joinGet('access.masking', 'k0', materialize(toUInt8(0))), joinGet('access.masking', 'k1', materialize(toUInt8(0)))), `customer_id`)), 'Nullable(UUID)') AS `customer_id`,
    `discount_code_id`,
    `status`,
    `is_sale`,
    `channel`,
    `ordered_at`,
    `ordered_on`,
    `confirmed_at`,
    `cancelled_at`,
    `items`,
    `tickets`,
    `currency`,
    `exchange_rate`,
    `gross_amount`,
    `discount_amount`,
    `sales_amount`,
    `tax_amount`,
    `fee_amount`,
    `total_amount`,
    `refunded_amount`,
    `net_amount`,
    `paid_amount`,
    `gross_amount_eur`,
    `discount_amount_eur`,
    `sales_amount_eur`,
    `tax_amount_eur`,
    `fee_amount_eur`,
    `total_amount_eur`,
    `refunded_amount_eur`,
    `net_amount_eur`
FROM marts.`orders`
WHERE `organizer_id` = toUUIDOrZero(extract(getSetting('promql_database'), '[^:]*$')) AND toUUIDOrZero(extract(getSetting('promql_database'), '[^:]*$')) != toUUID('00000000-0000-0000-0000-000000000000')
LIMIT 4611686018427387904;

CREATE OR REPLACE VIEW masked.`organizer_scorecards` DEFINER = CURRENT_USER SQL SECURITY DEFINER
AS SELECT
    `organizer_id`,
    `organization`,
    `country`,
    `subscription_tier`,
    `events`,
    `events_on_sale`,
    `events_completed`,
    `events_cancelled`,
    `tickets_offered`,
    `tickets_sold`,
    `tickets_refunded`,
    `tickets_at_doors`,
    `tickets_checked_in`,
    `sell_through`,
    `attendance`,
    `orders`,
    `customers`,
    `returning_customers`,
    `disputes`,
    `dispute_rate`,
    `sales_amount_eur`,
    `total_amount_eur`,
    `refunded_amount_eur`,
    `net_amount_eur`,
    `refund_rate`
FROM marts.`organizer_scorecards`;

CREATE OR REPLACE VIEW own.`organizer_scorecards` DEFINER = CURRENT_USER SQL SECURITY DEFINER
AS SELECT
    `organizer_id`,
    `organization`,
    `country`,
    `subscription_tier`,
    `events`,
    `events_on_sale`,
    `events_completed`,
    `events_cancelled`,
    `tickets_offered`,
    `tickets_sold`,
    `tickets_refunded`,
    `tickets_at_doors`,
    `tickets_checked_in`,
    `sell_through`,
    `attendance`,
    `orders`,
    `customers`,
    `returning_customers`,
    `disputes`,
    `dispute_rate`,
    `sales_amount_eur`,
    `total_amount_eur`,
    `refunded_amount_eur`,
    `net_amount_eur`,
    `refund_rate`
FROM marts.`organizer_scorecards`
WHERE `organizer_id` = toUUIDOrZero(extract(getSetting('promql_database'), '[^:]*$')) AND toUUIDOrZero(extract(getSetting('promql_database'), '[^:]*$')) != toUUID('00000000-0000-0000-0000-000000000000')
LIMIT 4611686018427387904;

CREATE OR REPLACE VIEW masked.`organizers` DEFINER = CURRENT_USER SQL SECURITY DEFINER
AS SELECT
    `organizer_id`,
    CAST(reinterpretAsUUID(sipHash128Keyed((joinGet('access.masking', 'k0', materialize(toUInt8(0))), joinGet('access.masking', 'k1', materialize(toUInt8(0)))), `owner_id`)), 'UUID') AS `owner_id`,
    `organization`,
    `slug`,
    `country`,
    `is_verified`,
    `verified_at`,
    `subscription_tier`,
    `commission_rate`,
    `payout_currency`,
    `registered_at`,
    `events`,
    `orders`,
    `tickets_sold`,
    `total_amount_eur`,
    `refunded_amount_eur`,
    `net_amount_eur`
FROM marts.`organizers`;

CREATE OR REPLACE VIEW personal.`organizers` DEFINER = CURRENT_USER SQL SECURITY DEFINER
AS SELECT
    `organizer_id`,
    `owner_id`,
    `organization`,
    `slug`,
    `country`,
    `is_verified`,
    `verified_at`,
    `subscription_tier`,
    `commission_rate`,
    `payout_currency`,
    `registered_at`,
    `events`,
    `orders`,
    `tickets_sold`,
    `total_amount_eur`,
    `refunded_amount_eur`,
    `net_amount_eur`
FROM marts.`organizers`;

CREATE OR REPLACE VIEW own.`organizers` DEFINER = CURRENT_USER SQL SECURITY DEFINER
AS SELECT
    `organizer_id`,
    CAST(reinterpretAsUUID(sipHash128Keyed((joinGet('access.masking', 'k0', materialize(toUInt8(0))), joinGet('access.masking', 'k1', materialize(toUInt8(0)))), `owner_id`)), 'UUID') AS `owner_id`,
    `organization`,
    `slug`,
    `country`,
    `is_verified`,
    `verified_at`,
    `subscription_tier`,
    `commission_rate`,
    `payout_currency`,
    `registered_at`,
    `events`,
    `orders`,
    `tickets_sold`,
    `total_amount_eur`,
    `refunded_amount_eur`,
    `net_amount_eur`
FROM marts.`organizers`
WHERE `organizer_id` = toUUIDOrZero(extract(getSetting('promql_database'), '[^:]*$')) AND toUUIDOrZero(extract(getSetting('promql_database'), '[^:]*$')) != toUUID('00000000-0000-0000-0000-000000000000')
LIMIT 4611686018427387904;

CREATE OR REPLACE VIEW masked.`organizers_history` DEFINER = CURRENT_USER SQL SECURITY DEFINER
AS SELECT
    `organizer_id`,
    `version`,
    `organization`,
    `country`,
    `is_verified`,
    `subscription_tier`,
    `commission_rate`,
    `payout_currency`,
    `valid_from`,
    `valid_to`,
    `valid_from_position`,
    `is_current`,
    `is_observed`
FROM marts.`organizers_history`;

CREATE OR REPLACE VIEW own.`organizers_history` DEFINER = CURRENT_USER SQL SECURITY DEFINER
AS SELECT
    `organizer_id`,
    `version`,
    `organization`,
    `country`,
    `is_verified`,
    `subscription_tier`,
    `commission_rate`,
    `payout_currency`,
    `valid_from`,
    `valid_to`,
    `valid_from_position`,
    `is_current`,
    `is_observed`
FROM marts.`organizers_history`
WHERE `organizer_id` = toUUIDOrZero(extract(getSetting('promql_database'), '[^:]*$')) AND toUUIDOrZero(extract(getSetting('promql_database'), '[^:]*$')) != toUUID('00000000-0000-0000-0000-000000000000')
LIMIT 4611686018427387904;

CREATE OR REPLACE VIEW masked.`page_views_by_day` DEFINER = CURRENT_USER SQL SECURITY DEFINER
AS SELECT
    `event_id`,
    `organizer_id`,
    `viewed_on_local`,
    `channel`,
    `device`,
    `page_views`,
    `signed_in_views`,
    `visitors`
FROM marts.`page_views_by_day`;

CREATE OR REPLACE VIEW own.`page_views_by_day` DEFINER = CURRENT_USER SQL SECURITY DEFINER
AS SELECT
    `event_id`,
    `organizer_id`,
    `viewed_on_local`,
    `channel`,
    `device`,
    `page_views`,
    `signed_in_views`,
    `visitors`
FROM marts.`page_views_by_day`
WHERE `organizer_id` = toUUIDOrZero(extract(getSetting('promql_database'), '[^:]*$')) AND toUUIDOrZero(extract(getSetting('promql_database'), '[^:]*$')) != toUUID('00000000-0000-0000-0000-000000000000')
LIMIT 4611686018427387904;

CREATE OR REPLACE VIEW masked.`payments` DEFINER = CURRENT_USER SQL SECURITY DEFINER
AS SELECT
    `payment_id`,
    `order_id`,
    `event_id`,
    `organizer_id`,
    `provider`,
    `method`,
    `status`,
    `is_received`,
    `failure_code`,
    `requested_at`,
    `completed_at`,
    `currency`,
    `exchange_rate`,
    `amount`,
    `provider_fee_amount`,
    `refunded_amount`,
    `net_amount`,
    `amount_eur`,
    `provider_fee_amount_eur`,
    `refunded_amount_eur`,
    `net_amount_eur`
FROM marts.`payments`;

CREATE OR REPLACE VIEW own.`payments` DEFINER = CURRENT_USER SQL SECURITY DEFINER
AS SELECT
    `payment_id`,
    `order_id`,
    `event_id`,
    `organizer_id`,
    `provider`,
    `method`,
    `status`,
    `is_received`,
    `failure_code`,
    `requested_at`,
    `completed_at`,
    `currency`,
    `exchange_rate`,
    `amount`,
    `provider_fee_amount`,
    `refunded_amount`,
    `net_amount`,
    `amount_eur`,
    `provider_fee_amount_eur`,
    `refunded_amount_eur`,
    `net_amount_eur`
FROM marts.`payments`
WHERE `organizer_id` = toUUIDOrZero(extract(getSetting('promql_database'), '[^:]*$')) AND toUUIDOrZero(extract(getSetting('promql_database'), '[^:]*$')) != toUUID('00000000-0000-0000-0000-000000000000')
LIMIT 4611686018427387904;

CREATE OR REPLACE VIEW masked.`payments__disputes` DEFINER = CURRENT_USER SQL SECURITY DEFINER
AS SELECT
    `id`,
    `payment_id`,
    `order_id`,
    `status`,
    `reason`,
    `amount`,
    `currency`,
    CAST('{}', 'String') AS `evidence`,
    `opened_at`,
    `evidence_due_at`,
    `closed_at`,
    `created_at`,
    `updated_at`
FROM ods.`payments__disputes`;

CREATE OR REPLACE VIEW sensitive.`payments__disputes` DEFINER = CURRENT_USER SQL SECURITY DEFINER
AS SELECT
    `id`,
    `payment_id`,
    `order_id`,
    `status`,
    `reason`,
    `amount`,
    `currency`,
    `evidence`,
    `opened_at`,
    `evidence_due_at`,
    `closed_at`,
    `created_at`,
    `updated_at`
FROM ods.`payments__disputes`;

CREATE OR REPLACE VIEW masked.`payments__payments` DEFINER = CURRENT_USER SQL SECURITY DEFINER
AS SELECT
    `id`,
    `order_id`,
    `provider`,
    CAST('***', 'String') AS `provider_intent`,
    `method`,
    `status`,
    `amount`,
    `fee`,
    `refunded_amount`,
    `currency`,
    CAST('{}', 'String') AS `details`,
    `failure_code`,
    `completed_at`,
    `created_at`,
    `updated_at`
FROM ods.`payments__payments`;

CREATE OR REPLACE VIEW sensitive.`payments__payments` DEFINER = CURRENT_USER SQL SECURITY DEFINER
AS SELECT
    `id`,
    `order_id`,
    `provider`,
    `provider_intent`,
    `method`,
    `status`,
    `amount`,
    `fee`,
    `refunded_amount`,
    `currency`,
    `details`,
    `failure_code`,
    `completed_at`,
    `created_at`,
    `updated_at`
FROM ods.`payments__payments`;

CREATE OR REPLACE VIEW masked.`payments__refunds` DEFINER = CURRENT_USER SQL SECURITY DEFINER
AS SELECT
    `id`,
    `payment_id`,
    `order_id`,
    `refund_request_id`,
    `status`,
    `amount`,
    `currency`,
    `reason`,
    CAST(if(isNull(`provider_reference`), NULL, '***'), 'Nullable(String)') AS `provider_reference`,
    `completed_at`,
    `created_at`,
    `updated_at`
FROM ods.`payments__refunds`;

CREATE OR REPLACE VIEW sensitive.`payments__refunds` DEFINER = CURRENT_USER SQL SECURITY DEFINER
AS SELECT
    `id`,
    `payment_id`,
    `order_id`,
    `refund_request_id`,
    `status`,
    `amount`,
    `currency`,
    `reason`,
    `provider_reference`,
    `completed_at`,
    `created_at`,
    `updated_at`
FROM ods.`payments__refunds`;

CREATE OR REPLACE VIEW masked.`payouts` DEFINER = CURRENT_USER SQL SECURITY DEFINER
AS SELECT
    `payout_id`,
    `organizer_id`,
    `period_start`,
    `period_end`,
    `status`,
    `is_paid`,
    `reference`,
    `paid_at`,
    `currency`,
    `exchange_rate`,
    `sales_amount`,
    `refunded_amount`,
    `commission_amount`,
    `payout_amount`,
    `payout_amount_eur`
FROM marts.`payouts`;

CREATE OR REPLACE VIEW own.`payouts` DEFINER = CURRENT_USER SQL SECURITY DEFINER
AS SELECT
    `payout_id`,
    `organizer_id`,
    `period_start`,
    `period_end`,
    `status`,
    `is_paid`,
    `reference`,
    `paid_at`,
    `currency`,
    `exchange_rate`,
    `sales_amount`,
    `refunded_amount`,
    `commission_amount`,
    `payout_amount`,
    `payout_amount_eur`
FROM marts.`payouts`
WHERE `organizer_id` = toUUIDOrZero(extract(getSetting('promql_database'), '[^:]*$')) AND toUUIDOrZero(extract(getSetting('promql_database'), '[^:]*$')) != toUUID('00000000-0000-0000-0000-000000000000')
LIMIT 4611686018427387904;

CREATE OR REPLACE VIEW masked.`payouts_due` DEFINER = CURRENT_USER SQL SECURITY DEFINER
AS SELECT
    `organizer_id`,
    `period_start`,
    `currency`,
    `orders`,
    `received_amount`,
    `tax_amount`,
    `fee_amount`,
    `sales_amount`,
    `unexplained_amount`,
    `refunded_amount`,
    `commission_amount`,
    `due_amount`,
    `booked_amount`,
    `paid_out_amount`,
    `open_amount`,
    `state`
FROM marts.`payouts_due`;

CREATE OR REPLACE VIEW own.`payouts_due` DEFINER = CURRENT_USER SQL SECURITY DEFINER
AS SELECT
    `organizer_id`,
    `period_start`,
    `currency`,
    `orders`,
    `received_amount`,
    `tax_amount`,
    `fee_amount`,
    `sales_amount`,
    `unexplained_amount`,
    `refunded_amount`,
    `commission_amount`,
    `due_amount`,
    `booked_amount`,
    `paid_out_amount`,
    `open_amount`,
    `state`
FROM marts.`payouts_due`
WHERE `organizer_id` = toUUIDOrZero(extract(getSetting('promql_database'), '[^:]*$')) AND toUUIDOrZero(extract(getSetting('promql_database'), '[^:]*$')) != toUUID('00000000-0000-0000-0000-000000000000')
LIMIT 4611686018427387904;

CREATE OR REPLACE VIEW masked.`promotion_effects` DEFINER = CURRENT_USER SQL SECURITY DEFINER
AS SELECT
    `promotion_id`,
    `organizer_id`,
    `event_id`,
    `code`,
    `kind`,
    `first_used_at`,
    `last_used_at`,
    `orders`,
    `tickets`,
    `customers`,
    `first_orders`,
    `gross_amount_eur`,
    `discount_amount_eur`,
    `sales_amount_eur`,
    `net_amount_eur`,
    `orders_without`,
    `tickets_without`,
    `sales_amount_eur_without`,
    `tickets_per_order`,
    `tickets_per_order_without`
FROM marts.`promotion_effects`;

CREATE OR REPLACE VIEW own.`promotion_effects` DEFINER = CURRENT_USER SQL SECURITY DEFINER
AS SELECT
    `promotion_id`,
    `organizer_id`,
    `event_id`,
    `code`,
    `kind`,
    `first_used_at`,
    `last_used_at`,
    `orders`,
    `tickets`,
    `customers`,
    `first_orders`,
    `gross_amount_eur`,
    `discount_amount_eur`,
    `sales_amount_eur`,
    `net_amount_eur`,
    `orders_without`,
    `tickets_without`,
    `sales_amount_eur_without`,
    `tickets_per_order`,
    `tickets_per_order_without`
FROM marts.`promotion_effects`
WHERE `organizer_id` = toUUIDOrZero(extract(getSetting('promql_database'), '[^:]*$')) AND toUUIDOrZero(extract(getSetting('promql_database'), '[^:]*$')) != toUUID('00000000-0000-0000-0000-000000000000')
LIMIT 4611686018427387904;

CREATE OR REPLACE VIEW masked.`promotions` DEFINER = CURRENT_USER SQL SECURITY DEFINER
AS SELECT
    `promotion_id`,
    `organizer_id`,
    `event_id`,
    `code`,
    `kind`,
    `value`,
    `currency`,
    `maximum_uses`,
    `uses`,
    `valid_from`,
    `valid_until`,
    `is_active`
FROM marts.`promotions`;

CREATE OR REPLACE VIEW own.`promotions` DEFINER = CURRENT_USER SQL SECURITY DEFINER
AS SELECT
    `promotion_id`,
    `organizer_id`,
    `event_id`,
    `code`,
    `kind`,
    `value`,
    `currency`,
    `maximum_uses`,
    `uses`,
    `valid_from`,
    `valid_until`,
    `is_active`
FROM marts.`promotions`
WHERE `organizer_id` = toUUIDOrZero(extract(getSetting('promql_database'), '[^:]*$')) AND toUUIDOrZero(extract(getSetting('promql_database'), '[^:]*$')) != toUUID('00000000-0000-0000-0000-000000000000')
LIMIT 4611686018427387904;

CREATE OR REPLACE VIEW masked.`refunds` DEFINER = CURRENT_USER SQL SECURITY DEFINER
AS SELECT
    `refund_id`,
    `payment_id`,
    `order_id`,
    `event_id`,
    `organizer_id`,
    `status`,
    `is_completed`,
    `reason`,
    `requested_at`,
    `completed_at`,
    `currency`,
    `exchange_rate`,
    `amount`,
    `amount_eur`
FROM marts.`refunds`;

CREATE OR REPLACE VIEW own.`refunds` DEFINER = CURRENT_USER SQL SECURITY DEFINER
AS SELECT
    `refund_id`,
    `payment_id`,
    `order_id`,
    `event_id`,
    `organizer_id`,
    `status`,
    `is_completed`,
    `reason`,
    `requested_at`,
    `completed_at`,
    `currency`,
    `exchange_rate`,
    `amount`,
    `amount_eur`
FROM marts.`refunds`
WHERE `organizer_id` = toUUIDOrZero(extract(getSetting('promql_database'), '[^:]*$')) AND toUUIDOrZero(extract(getSetting('promql_database'), '[^:]*$')) != toUUID('00000000-0000-0000-0000-000000000000')
LIMIT 4611686018427387904;

CREATE OR REPLACE VIEW masked.`sales_by_channel` DEFINER = CURRENT_USER SQL SECURITY DEFINER
AS SELECT
    `sales_on`,
    `channel`,
    `currency`,
    `orders`,
    `tickets`,
    `gross_amount`,
    `discount_amount`,
    `sales_amount`,
    `tax_amount`,
    `fee_amount`,
    `total_amount`,
    `refunded_amount`,
    `net_amount`,
    `gross_amount_eur`,
    `discount_amount_eur`,
    `sales_amount_eur`,
    `tax_amount_eur`,
    `fee_amount_eur`,
    `total_amount_eur`,
    `refunded_amount_eur`,
    `net_amount_eur`
FROM marts.`sales_by_channel`;

CREATE OR REPLACE VIEW masked.`sales_by_day` DEFINER = CURRENT_USER SQL SECURITY DEFINER
AS SELECT
    `sales_on`,
    `currency`,
    `orders`,
    `tickets`,
    `gross_amount`,
    `discount_amount`,
    `sales_amount`,
    `tax_amount`,
    `fee_amount`,
    `total_amount`,
    `refunded_amount`,
    `net_amount`,
    `gross_amount_eur`,
    `discount_amount_eur`,
    `sales_amount_eur`,
    `tax_amount_eur`,
    `fee_amount_eur`,
    `total_amount_eur`,
    `refunded_amount_eur`,
    `net_amount_eur`
FROM marts.`sales_by_day`;

CREATE OR REPLACE VIEW masked.`sales_by_event` DEFINER = CURRENT_USER SQL SECURITY DEFINER
AS SELECT
    `event_id`,
    `currency`,
    `orders`,
    `tickets`,
    `gross_amount`,
    `discount_amount`,
    `sales_amount`,
    `tax_amount`,
    `fee_amount`,
    `total_amount`,
    `refunded_amount`,
    `net_amount`,
    `gross_amount_eur`,
    `discount_amount_eur`,
    `sales_amount_eur`,
    `tax_amount_eur`,
    `fee_amount_eur`,
    `total_amount_eur`,
    `refunded_amount_eur`,
    `net_amount_eur`
FROM marts.`sales_by_event`;

CREATE OR REPLACE VIEW masked.`sales_by_organizer` DEFINER = CURRENT_USER SQL SECURITY DEFINER
AS SELECT
    `organizer_id`,
    `currency`,
    `orders`,
    `tickets`,
    `gross_amount`,
    `discount_amount`,
    `sales_amount`,
    `tax_amount`,
    `fee_amount`,
    `total_amount`,
    `refunded_amount`,
    `net_amount`,
    `gross_amount_eur`,
    `discount_amount_eur`,
    `sales_amount_eur`,
    `tax_amount_eur`,
    `fee_amount_eur`,
    `total_amount_eur`,
    `refunded_amount_eur`,
    `net_amount_eur`
FROM marts.`sales_by_organizer`;

CREATE OR REPLACE VIEW own.`sales_by_organizer` DEFINER = CURRENT_USER SQL SECURITY DEFINER
AS SELECT
    `organizer_id`,
    `currency`,
    `orders`,
    `tickets`,
    `gross_amount`,
    `discount_amount`,
    `sales_amount`,
    `tax_amount`,
    `fee_amount`,
    `total_amount`,
    `refunded_amount`,
    `net_amount`,
    `gross_amount_eur`,
    `discount_amount_eur`,
    `sales_amount_eur`,
    `tax_amount_eur`,
    `fee_amount_eur`,
    `total_amount_eur`,
    `refunded_amount_eur`,
    `net_amount_eur`
FROM marts.`sales_by_organizer`
WHERE `organizer_id` = toUUIDOrZero(extract(getSetting('promql_database'), '[^:]*$')) AND toUUIDOrZero(extract(getSetting('promql_database'), '[^:]*$')) != toUUID('00000000-0000-0000-0000-000000000000')
LIMIT 4611686018427387904;

CREATE OR REPLACE VIEW masked.`sales_by_ticket_type` DEFINER = CURRENT_USER SQL SECURITY DEFINER
AS SELECT
    `ticket_type_id`,
    `event_id`,
    `ticket_type_name`,
    `currency`,
    `orders`,
    `tickets`,
    `gross_amount`,
    `discount_amount`,
    `sales_amount`,
    `gross_amount_eur`,
    `discount_amount_eur`,
    `sales_amount_eur`
FROM marts.`sales_by_ticket_type`;

CREATE OR REPLACE VIEW masked.`system__notifications` DEFINER = CURRENT_USER SQL SECURITY DEFINER
AS SELECT
    `id`,
    `user_id`,
    `order_id`,
    `channel`,
    `template`,
    CAST('***', 'String') AS `recipient`,
    `status`,
    CAST('{}', 'String') AS `payload`,
    `sent_at`,
    `read_at`,
    `created_at`,
    `updated_at`
FROM ods.`system__notifications`;

CREATE OR REPLACE VIEW personal.`system__notifications` DEFINER = CURRENT_USER SQL SECURITY DEFINER
AS SELECT
    `id`,
    `user_id`,
    `order_id`,
    `channel`,
    `template`,
    `recipient`,
    `status`,
    `payload`,
    `sent_at`,
    `read_at`,
    `created_at`,
    `updated_at`
FROM ods.`system__notifications`;

CREATE OR REPLACE VIEW masked.`system__outbox` DEFINER = CURRENT_USER SQL SECURITY DEFINER
AS SELECT
    `id`,
    `aggregate_type`,
    `aggregate_id`,
    `event_type`,
    `payload`,
    `occurred_at`,
    `published_at`,
    `created_at`,
    `updated_at`
FROM ods.`system__outbox`;

CREATE OR REPLACE VIEW masked.`ticket_types` DEFINER = CURRENT_USER SQL SECURITY DEFINER
AS SELECT
    `ticket_type_id`,
    `event_id`,
    `organizer_id`,
    `name`,
    `status`,
    `price_amount`,
    `currency`,
    `sales_start_at`,
    `sales_end_at`,
    `tickets_offered`,
    `tickets_held`,
    `tickets_sold`,
    `tickets_refunded`,
    `tickets_left`,
    `sell_through`
FROM marts.`ticket_types`;

CREATE OR REPLACE VIEW own.`ticket_types` DEFINER = CURRENT_USER SQL SECURITY DEFINER
AS SELECT
    `ticket_type_id`,
    `event_id`,
    `organizer_id`,
    `name`,
    `status`,
    `price_amount`,
    `currency`,
    `sales_start_at`,
    `sales_end_at`,
    `tickets_offered`,
    `tickets_held`,
    `tickets_sold`,
    `tickets_refunded`,
    `tickets_left`,
    `sell_through`
FROM marts.`ticket_types`
WHERE `organizer_id` = toUUIDOrZero(extract(getSetting('promql_database'), '[^:]*$')) AND toUUIDOrZero(extract(getSetting('promql_database'), '[^:]*$')) != toUUID('00000000-0000-0000-0000-000000000000')
LIMIT 4611686018427387904;

CREATE OR REPLACE VIEW masked.`ticket_types_history` DEFINER = CURRENT_USER SQL SECURITY DEFINER
AS SELECT
    `ticket_type_id`,
    `version`,
    `event_id`,
    `name`,
    `status`,
    `price_amount`,
    `currency`,
    `tickets_offered`,
    `sales_start_at`,
    `sales_end_at`,
    `valid_from`,
    `valid_to`,
    `valid_from_position`,
    `is_current`,
    `is_observed`
FROM marts.`ticket_types_history`;

CREATE OR REPLACE VIEW masked.`tickets` DEFINER = CURRENT_USER SQL SECURITY DEFINER
AS SELECT
    `ticket_id`,
    `ticket_number`,
    `event_id`,
    `ticket_type_id`,
    `ticket_type_name`,
    `order_id`,
    `order_item_id`,
    CAST(reinterpretAsUUID(sipHash128Keyed((joinGet('access.masking', 'k0', materialize(toUInt8(0))), joinGet('access.masking', 'k1', materialize(toUInt8(0)))), `holder_id`)), 'Nullable(UUID)') AS `holder_id`,
    `status`,
    `is_sale`,
    `ordered_at`,
    `issued_at`,
    `checked_in_at`,
    `is_checked_in`,
    `transfers`,
    `currency`,
    `price_amount`,
    `price_amount_eur`
FROM marts.`tickets`;

CREATE OR REPLACE VIEW personal.`tickets` DEFINER = CURRENT_USER SQL SECURITY DEFINER
AS SELECT
    `ticket_id`,
    `ticket_number`,
    `event_id`,
    `ticket_type_id`,
    `ticket_type_name`,
    `order_id`,
    `order_item_id`,
    `holder_id`,
    `status`,
    `is_sale`,
    `ordered_at`,
    `issued_at`,
    `checked_in_at`,
    `is_checked_in`,
    `transfers`,
    `currency`,
    `price_amount`,
    `price_amount_eur`
FROM marts.`tickets`;

CREATE OR REPLACE VIEW masked.`tickets__check_ins` DEFINER = CURRENT_USER SQL SECURITY DEFINER
AS SELECT
    `id`,
    `ticket_id`,
    `event_id`,
    `method`,
    `gate`,
    `device`,
    `scanned_by`,
    `checked_in_at`,
    `created_at`,
    `updated_at`
FROM ods.`tickets__check_ins`;

CREATE OR REPLACE VIEW masked.`tickets__discount_codes` DEFINER = CURRENT_USER SQL SECURITY DEFINER
AS SELECT
    `id`,
    `organizer_id`,
    `event_id`,
    `code`,
    `kind`,
    `value`,
    `currency`,
    `maximum_uses`,
    `uses`,
    `valid_from`,
    `valid_until`,
    `applicable_ticket_types`,
    `is_active`,
    `created_at`,
    `updated_at`
FROM ods.`tickets__discount_codes`;

CREATE OR REPLACE VIEW masked.`tickets__order_items` DEFINER = CURRENT_USER SQL SECURITY DEFINER
AS SELECT
    `id`,
    `order_id`,
    `ticket_type_id`,
    `pricing_tier_id`,
    `quantity`,
    `unit_price`,
    `discount`,
    `total`,
    `currency`,
    CAST('{}', 'String') AS `attendee`,
    `created_at`,
    `updated_at`
FROM ods.`tickets__order_items`;

CREATE OR REPLACE VIEW personal.`tickets__order_items` DEFINER = CURRENT_USER SQL SECURITY DEFINER
AS SELECT
    `id`,
    `order_id`,
    `ticket_type_id`,
    `pricing_tier_id`,
    `quantity`,
    `unit_price`,
    `discount`,
    `total`,
    `currency`,
    `attendee`,
    `created_at`,
    `updated_at`
FROM ods.`tickets__order_items`;

CREATE OR REPLACE VIEW masked.`tickets__orders` DEFINER = CURRENT_USER SQL SECURITY DEFINER
AS SELECT
    `id`,
    `order_number`,
    `event_id`,
    `buyer_id`,
    CAST('***', 'String') AS `buyer_email`,
    CAST('***', 'String') AS `buyer_name`,
    CAST(if(isNull(`buyer_phone`), NULL, '***'), 'Nullable(String)') AS `buyer_phone`,
    `status`,
    `channel`,
    `currency`,
    `subtotal`,
    `discount`,
    `tax`,
    `fee`,
    `total`,
    `discount_code_id`,
    CAST('{}', 'String') AS `billing_address`,
    `placed_at`,
    `confirmed_at`,
    `cancelled_at`,
    `created_at`,
    `updated_at`
FROM ods.`tickets__orders`;

CREATE OR REPLACE VIEW personal.`tickets__orders` DEFINER = CURRENT_USER SQL SECURITY DEFINER
AS SELECT
    `id`,
    `order_number`,
    `event_id`,
    `buyer_id`,
    `buyer_email`,
    `buyer_name`,
    `buyer_phone`,
    `status`,
    `channel`,
    `currency`,
    `subtotal`,
    `discount`,
    `tax`,
    `fee`,
    `total`,
    `discount_code_id`,
    `billing_address`,
    `placed_at`,
    `confirmed_at`,
    `cancelled_at`,
    `created_at`,
    `updated_at`
FROM ods.`tickets__orders`;

CREATE OR REPLACE VIEW masked.`tickets__pricing_tiers` DEFINER = CURRENT_USER SQL SECURITY DEFINER
AS SELECT
    `id`,
    `ticket_type_id`,
    `name`,
    `kind`,
    `price`,
    `currency`,
    `valid_from`,
    `valid_until`,
    `quantity_limit`,
    `minimum_quantity`,
    `created_at`,
    `updated_at`
FROM ods.`tickets__pricing_tiers`;

CREATE OR REPLACE VIEW masked.`tickets__refund_requests` DEFINER = CURRENT_USER SQL SECURITY DEFINER
AS SELECT
    `id`,
    `order_id`,
    `ticket_id`,
    `requester_id`,
    `status`,
    CAST(if(isNull(`reason`), NULL, '***'), 'Nullable(String)') AS `reason`,
    `amount`,
    `currency`,
    `requested_at`,
    `decided_at`,
    `decided_by`,
    `created_at`,
    `updated_at`
FROM ods.`tickets__refund_requests`;

CREATE OR REPLACE VIEW personal.`tickets__refund_requests` DEFINER = CURRENT_USER SQL SECURITY DEFINER
AS SELECT
    `id`,
    `order_id`,
    `ticket_id`,
    `requester_id`,
    `status`,
    `reason`,
    `amount`,
    `currency`,
    `requested_at`,
    `decided_at`,
    `decided_by`,
    `created_at`,
    `updated_at`
FROM ods.`tickets__refund_requests`;

CREATE OR REPLACE VIEW masked.`tickets__ticket_configurations` DEFINER = CURRENT_USER SQL SECURITY DEFINER
AS SELECT
    `id`,
    `ticket_type_id`,
    `transferable`,
    `refundable`,
    `refund_deadline_hours`,
    `delivery_methods`,
    `requires_identification`,
    `created_at`,
    `updated_at`
FROM ods.`tickets__ticket_configurations`;

CREATE OR REPLACE VIEW masked.`tickets__ticket_transfers` DEFINER = CURRENT_USER SQL SECURITY DEFINER
AS SELECT
    `id`,
    `ticket_id`,
    `sender_id`,
    `recipient_id`,
    CAST('***', 'String') AS `recipient_email`,
    `status`,
    CAST(if(isNull(`message`), NULL, '***'), 'Nullable(String)') AS `message`,
    `requested_at`,
    `decided_at`,
    `created_at`,
    `updated_at`
FROM ods.`tickets__ticket_transfers`;

CREATE OR REPLACE VIEW personal.`tickets__ticket_transfers` DEFINER = CURRENT_USER SQL SECURITY DEFINER
AS SELECT
    `id`,
    `ticket_id`,
    `sender_id`,
    `recipient_id`,
    `recipient_email`,
    `status`,
    `message`,
    `requested_at`,
    `decided_at`,
    `created_at`,
    `updated_at`
FROM ods.`tickets__ticket_transfers`;

CREATE OR REPLACE VIEW masked.`tickets__ticket_types` DEFINER = CURRENT_USER SQL SECURITY DEFINER
AS SELECT
    `id`,
    `event_id`,
    `name`,
    `description`,
    `status`,
    `price`,
    `currency`,
    `capacity`,
    `sold`,
    `minimum_per_order`,
    `maximum_per_order`,
    `sales_start_at`,
    `sales_end_at`,
    `position`,
    `created_at`,
    `updated_at`
FROM ods.`tickets__ticket_types`;

CREATE OR REPLACE VIEW masked.`tickets__tickets` DEFINER = CURRENT_USER SQL SECURITY DEFINER
AS SELECT
    `id`,
    `ticket_number`,
    CAST('***', 'String') AS `qr_code`,
    `event_id`,
    `ticket_type_id`,
    `order_id`,
    `order_item_id`,
    `status`,
    `holder_id`,
    CAST(if(isNull(`holder_name`), NULL, '***'), 'Nullable(String)') AS `holder_name`,
    CAST(if(isNull(`holder_email`), NULL, '***'), 'Nullable(String)') AS `holder_email`,
    `price`,
    `currency`,
    `issued_at`,
    `created_at`,
    `updated_at`
FROM ods.`tickets__tickets`;

CREATE OR REPLACE VIEW personal.`tickets__tickets` DEFINER = CURRENT_USER SQL SECURITY DEFINER
AS SELECT
    `id`,
    `ticket_number`,
    CAST('***', 'String') AS `qr_code`,
    `event_id`,
    `ticket_type_id`,
    `order_id`,
    `order_item_id`,
    `status`,
    `holder_id`,
    `holder_name`,
    `holder_email`,
    `price`,
    `currency`,
    `issued_at`,
    `created_at`,
    `updated_at`
FROM ods.`tickets__tickets`;

CREATE OR REPLACE VIEW sensitive.`tickets__tickets` DEFINER = CURRENT_USER SQL SECURITY DEFINER
AS SELECT
    `id`,
    `ticket_number`,
    `qr_code`,
    `event_id`,
    `ticket_type_id`,
    `order_id`,
    `order_item_id`,
    `status`,
    `holder_id`,
    `holder_name`,
    `holder_email`,
    `price`,
    `currency`,
    `issued_at`,
    `created_at`,
    `updated_at`
FROM ods.`tickets__tickets`;

CREATE OR REPLACE VIEW masked.`users__organizer_members` DEFINER = CURRENT_USER SQL SECURITY DEFINER
AS SELECT
    `id`,
    `organizer_id`,
    `user_id`,
    `role`,
    `status`,
    `invited_at`,
    `joined_at`,
    `created_at`,
    `updated_at`
FROM ods.`users__organizer_members`;

CREATE OR REPLACE VIEW masked.`users__organizers` DEFINER = CURRENT_USER SQL SECURITY DEFINER
AS SELECT
    `id`,
    `owner_id`,
    `organization`,
    `slug`,
    CAST('***', 'String') AS `contact_email`,
    CAST(if(isNull(`tax_id`), NULL, '***'), 'Nullable(String)') AS `tax_id`,
    `country`,
    `verified`,
    `verified_at`,
    `subscription_tier`,
    `commission_rate`,
    CAST(if(isNull(`payout_account`), NULL, '***'), 'Nullable(String)') AS `payout_account`,
    `payout_currency`,
    `website`,
    `created_at`,
    `updated_at`
FROM ods.`users__organizers`;

CREATE OR REPLACE VIEW personal.`users__organizers` DEFINER = CURRENT_USER SQL SECURITY DEFINER
AS SELECT
    `id`,
    `owner_id`,
    `organization`,
    `slug`,
    `contact_email`,
    CAST(if(isNull(`tax_id`), NULL, '***'), 'Nullable(String)') AS `tax_id`,
    `country`,
    `verified`,
    `verified_at`,
    `subscription_tier`,
    `commission_rate`,
    CAST(if(isNull(`payout_account`), NULL, '***'), 'Nullable(String)') AS `payout_account`,
    `payout_currency`,
    `website`,
    `created_at`,
    `updated_at`
FROM ods.`users__organizers`;

CREATE OR REPLACE VIEW sensitive.`users__organizers` DEFINER = CURRENT_USER SQL SECURITY DEFINER
AS SELECT
    `id`,
    `owner_id`,
    `organization`,
    `slug`,
    `contact_email`,
    `tax_id`,
    `country`,
    `verified`,
    `verified_at`,
    `subscription_tier`,
    `commission_rate`,
    `payout_account`,
    `payout_currency`,
    `website`,
    `created_at`,
    `updated_at`
FROM ods.`users__organizers`;

CREATE OR REPLACE VIEW masked.`users__user_preferences` DEFINER = CURRENT_USER SQL SECURITY DEFINER
AS SELECT
    `id`,
    `user_id`,
    defaultValueOfTypeName('Bool') AS `marketing_consent`,
    defaultValueOfTypeName('Bool') AS `analytics_consent`,
    defaultValueOfTypeName('Array(Nullable(String))') AS `channels`,
    defaultValueOfTypeName('Array(Nullable(UUID))') AS `favourite_categories`,
    CAST('{}', 'String') AS `settings`,
    defaultValueOfTypeName('Nullable(DateTime64(6, \'UTC\'))') AS `consented_at`,
    `created_at`,
    `updated_at`
FROM ods.`users__user_preferences`;

CREATE OR REPLACE VIEW personal.`users__user_preferences` DEFINER = CURRENT_USER SQL SECURITY DEFINER
AS SELECT
    `id`,
    `user_id`,
    `marketing_consent`,
    `analytics_consent`,
    `channels`,
    `favourite_categories`,
    `settings`,
    `consented_at`,
    `created_at`,
    `updated_at`
FROM ods.`users__user_preferences`;

CREATE OR REPLACE VIEW masked.`users__user_profiles` DEFINER = CURRENT_USER SQL SECURITY DEFINER
AS SELECT
    `id`,
    `user_id`,
    CAST(if(isNull(`country`), NULL, '***'), 'Nullable(String)') AS `country`,
    CAST(if(isNull(`city`), NULL, '***'), 'Nullable(String)') AS `city`,
    defaultValueOfTypeName('Nullable(Date32)') AS `birth_date`,
    CAST('***', 'String') AS `locale`,
    CAST('***', 'String') AS `time_zone`,
    CAST(if(isNull(`biography`), NULL, '***'), 'Nullable(String)') AS `biography`,
    `created_at`,
    `updated_at`
FROM ods.`users__user_profiles`;

CREATE OR REPLACE VIEW personal.`users__user_profiles` DEFINER = CURRENT_USER SQL SECURITY DEFINER
AS SELECT
    `id`,
    `user_id`,
    `country`,
    `city`,
    defaultValueOfTypeName('Nullable(Date32)') AS `birth_date`,
    `locale`,
    `time_zone`,
    `biography`,
    `created_at`,
    `updated_at`
FROM ods.`users__user_profiles`;

CREATE OR REPLACE VIEW sensitive.`users__user_profiles` DEFINER = CURRENT_USER SQL SECURITY DEFINER
AS SELECT
    `id`,
    `user_id`,
    `country`,
    `city`,
    `birth_date`,
    `locale`,
    `time_zone`,
    `biography`,
    `created_at`,
    `updated_at`
FROM ods.`users__user_profiles`;

CREATE OR REPLACE VIEW masked.`users__users` DEFINER = CURRENT_USER SQL SECURITY DEFINER
AS SELECT
    `id`,
    CAST('***', 'String') AS `email`,
    CAST('***', 'String') AS `first_name`,
    CAST('***', 'String') AS `last_name`,
    CAST(if(isNull(`phone`), NULL, '***'), 'Nullable(String)') AS `phone`,
    `role`,
    `status`,
    `email_verified_at`,
    `created_at`,
    `updated_at`
FROM ods.`users__users`;

CREATE OR REPLACE VIEW personal.`users__users` DEFINER = CURRENT_USER SQL SECURITY DEFINER
AS SELECT
    `id`,
    `email`,
    `first_name`,
    `last_name`,
    `phone`,
    `role`,
    `status`,
    `email_verified_at`,
    `created_at`,
    `updated_at`
FROM ods.`users__users`;

CREATE OR REPLACE VIEW masked.`venues` DEFINER = CURRENT_USER SQL SECURITY DEFINER
AS SELECT
    `venue_id`,
    `name`,
    `city`,
    `country`,
    `time_zone`,
    `capacity`,
    `events`,
    `first_event_at`,
    `last_event_at`
FROM marts.`venues`;
