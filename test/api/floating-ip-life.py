# The whole life of a floating IP through openstacksdk, step by step as the API's documentation has it.
# Prints a line of JSON: what each step came to, under its name.

import json
import sys

import openstack

endpoint, token, ca = sys.argv[1], sys.argv[2], sys.argv[3]
if token:
    cloud = openstack.connect(auth_type='admin_token', auth={'endpoint': endpoint, 'token': token}, cacert=ca)
else:
    cloud = openstack.connect(auth_type='none', auth={'endpoint': endpoint})
net = cloud.network
seen = {}


def refusal(call, *args, **kwargs):
    try:
        call(*args, **kwargs)
    except openstack.exceptions.HttpException as error:
        return [error.status_code, error.details]
    return None


# Networks, subnets, a router between them.
public = net.create_network(name='public', is_router_external=True, provider_network_type='flat',
                            provider_physical_network='external')
net.create_subnet(network_id=public.id, name='public-v4', ip_version=4, cidr='203.0.113.0/24',
                  gateway_ip='203.0.113.1', is_dhcp_enabled=False,
                  allocation_pools=[{'start': '203.0.113.10', 'end': '203.0.113.99'}])
blue = net.create_network(name='blue')
subnet = net.create_subnet(network_id=blue.id, name='blue-v4', ip_version=4, cidr='10.0.0.0/24')
router = net.create_router(name='edge', external_gateway_info={'network_id': public.id})
net.add_interface_to_router(router, subnet_id=subnet.id)
ports = [net.create_port(network_id=blue.id, name=name) for name in ('one', 'two')]
seen['gateway'] = net.get_router(router.id).external_gateway_info['network_id'] == public.id
seen['found by name'] = net.find_network('public').id == public.id
seen['external networks'] = [network.name for network in net.networks(is_router_external=True)]

# From the pool, by address, and one that is taken.
first = net.create_ip(floating_network_id=public.id, description='first')
second = net.create_ip(floating_network_id=public.id, floating_ip_address='203.0.113.77')
seen['addresses'] = [first.floating_ip_address.startswith('203.0.113.'), second.floating_ip_address]
seen['taken'] = refusal(net.create_ip, floating_network_id=public.id, floating_ip_address='203.0.113.77')[0]

# Associate, associate anew, disassociate.
fixed = []
for port in (ports[0].id, ports[1].id, None):
    first = net.update_ip(first, port_id=port)
    fixed.append([first.port_id == port, first.fixed_ip_address is not None, first.router_id == (router.id if port else None)])
seen['associated'] = fixed

# A revision that is old is refused.
stale = openstack.network.v2.floating_ip.FloatingIP.existing(id=second.id, revision_number=second.revision_number)
net.update_ip(second, description='changed')
seen['stale'] = refusal(net.update_ip, stale, if_revision=stale.revision_number, description='lost')[0]

# Lists: filters, pages, tags.
seen['by address'] = [ip.id == second.id for ip in net.ips(floating_ip_address='203.0.113.77')]
seen['page by page'] = len(list(net.ips(limit=1)))
net.set_tags(first, ['gold', 'web'])
seen['tags'] = net.get_ip(first.id).tags
seen['tagged'] = [ip.id == first.id for ip in net.ips(tags='gold')]
net.set_tags(first, [])

# Quotas, extensions, the agent.
project = 'a4a5bb1d3e5d4f4f9b3a4b6d8b6d3c55'
seen['quota set'] = net.update_quota(project, floating_ips=7).floating_ips
seen['quota'] = net.get_quota(project).floating_ips
net.delete_quota(project)
seen['quota default'] = net.get_quota_default(project).floating_ips == net.get_quota(project).floating_ips
seen['quota used'] = net.get_quota(project, details=True).networks['used']
seen['extensions'] = [net.find_extension(alias) is not None for alias in ('router', 'revision-if-match', 'nonsense')]
seen['agents'] = [[agent.agent_type, agent.is_alive] for agent in net.agents()]

# Extra routes; and everything away again.
net.add_extra_routes_to_router(router, {'router': {'routes': [{'destination': '10.9.0.0/16', 'nexthop': '10.0.0.9'}]}})
seen['routes'] = net.get_router(router.id).routes
net.remove_extra_routes_from_router(router, {'router': {'routes': [{'destination': '10.9.0.0/16', 'nexthop': '10.0.0.9'}]}})
seen['in use'] = refusal(net.delete_network, public)[0]
for ip in (first, second):
    net.delete_ip(ip)
for port in ports:
    net.delete_port(port)
net.remove_interface_from_router(router, subnet_id=subnet.id)
net.delete_router(router)
for network in (public, blue):
    net.delete_network(network)
seen['left'] = [len(list(each())) for each in (net.networks, net.subnets, net.ports, net.routers, net.ips)]

print(json.dumps(seen))
