// Resources as the API shows them: a view for each collection whose columns have the attributes'
// names, so that any attribute can be filtered and sorted by. The views are temporary, and so are the
// statuses, which are those of the kernel and no intent: nothing here is on disk.

const TAGS = (id: string): string =>
  `(SELECT json_group_array(tag ORDER BY tag) FROM tags WHERE resource_id = ${id}) AS tags`;

const FIXED_IPS = (portId: string): string => `(
    SELECT json_group_array(json_object('subnet_id', subnet_id, 'ip_address', ip_address) ORDER BY position)
    FROM fixed_ips WHERE port_id = ${portId})`;

/** Of a port that is not of the store's own making. */
const WORKLOAD_STATUS = `iif("binding:host_id" <> '' AND admin_state_up, 'ACTIVE', 'DOWN')`;

/** A router that was changed works as it was before; it is ACTIVE when it works as it is now. */
const ROUTER_STATUS = (id: string): string => `coalesce((
    SELECT iif(status = 'ACTIVE' AND NOT is_current, 'DOWN', status) FROM router_statuses WHERE router_id = ${id}), 'DOWN')`;

export const VIEWS = `
-- What was told last of each router: of the router as it is now, or as it was before it changed.
CREATE TEMP TABLE router_statuses (
  router_id TEXT PRIMARY KEY,
  status TEXT NOT NULL,
  error TEXT,
  is_current INTEGER NOT NULL
) STRICT;

-- Floating IPs that came, or whose interface was switched, since their router's status was told.
CREATE TEMP TABLE unsettled_floatingips (id TEXT PRIMARY KEY, router_id TEXT NOT NULL) STRICT;
CREATE INDEX temp.unsettled_floatingips_by_router ON unsettled_floatingips (router_id);

CREATE TEMP VIEW networks_shown AS
SELECT *, project_id AS tenant_id, 'ACTIVE' AS status,
  '[]' AS availability_zone_hints, '[]' AS availability_zones,
  (SELECT json_group_array(id ORDER BY rowid) FROM subnets WHERE network_id = networks.id) AS subnets,
  ${TAGS('networks.id')}
FROM networks;

CREATE TEMP VIEW subnets_shown AS
SELECT *, project_id AS tenant_id,
  (SELECT json_group_array(json_object('start', format_address(first), 'end', format_address(last)) ORDER BY first)
    FROM allocation_pools WHERE subnet_id = subnets.id) AS allocation_pools,
  NULL AS subnetpool_id, NULL AS segment_id, NULL AS ipv6_ra_mode, NULL AS ipv6_address_mode, '[]' AS service_types,
  ${TAGS('subnets.id')}
FROM subnets;

CREATE TEMP VIEW ports_shown AS
SELECT *, project_id AS tenant_id,
  CASE
    WHEN device_owner = 'network:floatingip' THEN 'N/A'
    WHEN device_owner LIKE 'network:router\\_%' ESCAPE '\\'
      THEN iif(admin_state_up AND ${ROUTER_STATUS('device_id')} = 'ACTIVE', 'ACTIVE', 'DOWN')
    ELSE ${WORKLOAD_STATUS}
  END AS status,
  ${FIXED_IPS('ports.id')} AS fixed_ips,
  'normal' AS "binding:vnic_type",
  iif("binding:host_id" = '', 'unbound', 'bridge') AS "binding:vif_type",
  '{}' AS "binding:vif_details",
  '[]' AS allowed_address_pairs, '[]' AS extra_dhcp_opts, '[]' AS security_groups, 0 AS port_security_enabled,
  ${TAGS('ports.id')}
FROM ports;

CREATE TEMP VIEW routers_shown AS
SELECT *, project_id AS tenant_id, 1 AS distributed, 0 AS ha, NULL AS flavor_id,
  '[]' AS availability_zone_hints, '[]' AS availability_zones,
  ${ROUTER_STATUS('routers.id')} AS status,
  (SELECT error FROM router_statuses WHERE router_id = routers.id) AS "buoy:error",
  iif(gateway_port_id IS NULL, NULL, json_object(
    'network_id', external_network_id,
    'enable_snat', json('false'),
    'external_fixed_ips', json(${FIXED_IPS('gateway_port_id')}))) AS external_gateway_info,
  ${TAGS('routers.id')}
FROM routers;

CREATE TEMP VIEW floatingips_shown AS
SELECT *, project_id AS tenant_id,
  CASE
    WHEN router_id IS NULL OR id IN (SELECT id FROM unsettled_floatingips) THEN 'DOWN'
    -- The interface that leads to its workload is switched off.
    WHEN NOT EXISTS (
      SELECT 1 FROM fixed_ips
        JOIN router_interfaces USING (subnet_id)
        JOIN ports ON ports.id = router_interfaces.port_id
      WHERE fixed_ips.port_id = floatingips.port_id AND ip_address = fixed_ip_address
        AND router_interfaces.router_id = floatingips.router_id AND admin_state_up) THEN 'DOWN'
    ELSE coalesce((SELECT status FROM router_statuses WHERE router_id = floatingips.router_id), 'DOWN')
  END AS status,
  (SELECT error FROM router_statuses WHERE router_id = floatingips.router_id) AS "buoy:error",
  (SELECT json_object('name', name, 'network_id', network_id, 'mac_address', mac_address,
      'admin_state_up', json(iif(admin_state_up, 'true', 'false')), 'status', ${WORKLOAD_STATUS},
      'device_id', device_id, 'device_owner', device_owner)
    FROM ports WHERE ports.id = floatingips.port_id) AS port_details,
  ${TAGS('floatingips.id')}
FROM floatingips;
`;
