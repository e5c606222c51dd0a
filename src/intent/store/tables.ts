// What is on disk. Columns have the names of the attributes that they hold; what follows from other
// tables is in no column but in the views (views.ts). Addresses that are compared for order are
// bytes, 4 or 16 of them, and all others text in the canonical form.

/** `Buoy` in ASCII, at byte 68 of the file: how a store is told from any other SQLite database. */
export const APPLICATION_ID = 0x42756f79;

/** What is in `user_version`. A later version adds a migration from the one before it. */
export const SCHEMA_VERSION = 2;

const WITHDRAWN = `
-- Ids of routers that were deleted, and of networks without a router any more, in the order in which that came about.
CREATE TABLE withdrawn (number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE) STRICT;
`;

/** What leads from each version to the next, from version 1 on. */
export const MIGRATIONS: readonly string[] = [WITHDRAWN];

const STANDARD = `
  id TEXT PRIMARY KEY,
  project_id TEXT NOT NULL,
  description TEXT NOT NULL,
  revision_number INTEGER NOT NULL,
  created_at TEXT NOT NULL,
  updated_at TEXT NOT NULL`;

export const TABLES = `
CREATE TABLE networks (${STANDARD},
  name TEXT NOT NULL,
  admin_state_up INTEGER NOT NULL,
  mtu INTEGER NOT NULL,
  shared INTEGER NOT NULL,
  "router:external" INTEGER NOT NULL,
  is_default INTEGER NOT NULL,
  "provider:network_type" TEXT NOT NULL,
  "provider:physical_network" TEXT,
  "provider:segmentation_id" INTEGER
) STRICT;
CREATE INDEX networks_by_project ON networks (project_id);

CREATE TABLE subnets (${STANDARD},
  name TEXT NOT NULL,
  network_id TEXT NOT NULL REFERENCES networks (id),
  ip_version INTEGER NOT NULL,
  cidr TEXT NOT NULL,
  gateway_ip TEXT,
  enable_dhcp INTEGER NOT NULL,
  dns_nameservers TEXT NOT NULL,
  host_routes TEXT NOT NULL
) STRICT;
CREATE INDEX subnets_by_network ON subnets (network_id);
CREATE INDEX subnets_by_project ON subnets (project_id);

CREATE TABLE allocation_pools (
  subnet_id TEXT NOT NULL REFERENCES subnets (id),
  first BLOB NOT NULL,
  last BLOB NOT NULL,
  PRIMARY KEY (subnet_id, first)
) STRICT, WITHOUT ROWID;

-- The addresses of the pools that no port has, as ranges that do not touch: the next free one is the
-- first of the first, however many are in use.
CREATE TABLE free_ranges (
  subnet_id TEXT NOT NULL REFERENCES subnets (id),
  first BLOB NOT NULL,
  last BLOB NOT NULL,
  PRIMARY KEY (subnet_id, first)
) STRICT, WITHOUT ROWID;

CREATE TABLE ports (${STANDARD},
  name TEXT NOT NULL,
  network_id TEXT NOT NULL REFERENCES networks (id),
  mac_address TEXT NOT NULL,
  admin_state_up INTEGER NOT NULL,
  device_id TEXT NOT NULL,
  device_owner TEXT NOT NULL,
  "binding:host_id" TEXT NOT NULL,
  "binding:profile" TEXT NOT NULL,
  UNIQUE (network_id, mac_address)
) STRICT;
CREATE INDEX ports_by_device ON ports (device_id);
CREATE INDEX ports_by_owner ON ports (device_owner, network_id);
CREATE INDEX ports_by_project ON ports (project_id);

CREATE TABLE fixed_ips (
  subnet_id TEXT NOT NULL REFERENCES subnets (id),
  ip_address TEXT NOT NULL,
  port_id TEXT NOT NULL REFERENCES ports (id),
  position INTEGER NOT NULL,
  PRIMARY KEY (subnet_id, ip_address)
) STRICT, WITHOUT ROWID;
CREATE INDEX fixed_ips_by_port ON fixed_ips (port_id);

CREATE TABLE routers (${STANDARD},
  name TEXT NOT NULL,
  admin_state_up INTEGER NOT NULL,
  gateway_port_id TEXT UNIQUE REFERENCES ports (id),
  external_network_id TEXT REFERENCES networks (id),
  routes TEXT NOT NULL
) STRICT;
CREATE INDEX routers_by_external_network ON routers (external_network_id);
CREATE INDEX routers_by_project ON routers (project_id);

CREATE TABLE router_interfaces (
  router_id TEXT NOT NULL REFERENCES routers (id),
  subnet_id TEXT NOT NULL REFERENCES subnets (id),
  port_id TEXT NOT NULL REFERENCES ports (id),
  PRIMARY KEY (router_id, subnet_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX router_interfaces_by_subnet ON router_interfaces (subnet_id);
CREATE INDEX router_interfaces_by_port ON router_interfaces (port_id);

CREATE TABLE floatingips (${STANDARD},
  floating_network_id TEXT NOT NULL REFERENCES networks (id),
  floating_ip_address TEXT NOT NULL,
  floating_port_id TEXT NOT NULL UNIQUE REFERENCES ports (id),
  port_id TEXT REFERENCES ports (id),
  fixed_ip_address TEXT,
  router_id TEXT REFERENCES routers (id),
  UNIQUE (floating_ip_address, floating_network_id),
  UNIQUE (port_id, fixed_ip_address, floating_network_id)
) STRICT;
CREATE INDEX floatingips_by_router ON floatingips (router_id);
CREATE INDEX floatingips_by_project ON floatingips (project_id);

CREATE TABLE tags (
  resource_id TEXT NOT NULL,
  tag TEXT NOT NULL,
  PRIMARY KEY (resource_id, tag)
) STRICT, WITHOUT ROWID;

CREATE TABLE quotas (
  project_id TEXT NOT NULL,
  resource TEXT NOT NULL,
  most INTEGER NOT NULL,
  PRIMARY KEY (project_id, resource)
) STRICT, WITHOUT ROWID;

${WITHDRAWN}
PRAGMA application_id = ${APPLICATION_ID};
PRAGMA user_version = ${SCHEMA_VERSION};
`;
