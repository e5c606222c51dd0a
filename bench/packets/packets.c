// What a packet costs on its way between the outside and a workload, through a floating IP: UDP
// datagrams in lockstep, each sent when the one before has been received, from one thread on one CPU.
// Between namespaces of one machine, send(2) does all the work of the way before it returns, so the
// time from send to receive is the CPU time of a packet, with two system calls.
//
//     packets OUTSIDE-NAMESPACE WORKLOAD-NAMESPACE OUTSIDE FLOATING FIXED ROUNDS DATAGRAMS
//
// Prints microseconds a packet, for each round, as JSON. A flow is new where its source port is.
// Every datagram must arrive, and come from whom the translation says.

#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/ip.h>
#include <netinet/udp.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { PORT = 1900, FIRST_PORT = 2000, PAYLOAD_BYTES = 16, PATIENCE_SECONDS = 3 };

// A datagram as a raw socket takes it: the kernel fills in lengths and the checksum of the IP
// header, and no checksum is needed in that of UDP (RFC 768).
struct datagram {
  struct iphdr ip;
  struct udphdr udp;
  char payload[PAYLOAD_BYTES];
};

// One end, with a socket for each thing that is done there.
struct end {
  struct in_addr address;
  int raw;
  int socket; // bound to PORT
};

static void fail(const char *what) {
  fprintf(stderr, "packets: %s: %s\n", what, strerror(errno));
  exit(1);
}

static struct sockaddr_in place(struct in_addr address, int port) {
  return (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons(port), .sin_addr = address};
}

static struct in_addr parse(const char *text) {
  struct in_addr address;
  if (inet_aton(text, &address) == 0) fail(text);
  return address;
}

static struct end open_end(const char *namespace, struct in_addr address) {
  int file = open(namespace, O_RDONLY);
  if (file < 0 || setns(file, CLONE_NEWNET) < 0) fail(namespace);
  close(file);
  struct end end = {
      .address = address,
      .raw = socket(AF_INET, SOCK_RAW, IPPROTO_RAW),
      .socket = socket(AF_INET, SOCK_DGRAM, 0),
  };
  struct sockaddr_in local = place(address, PORT);
  struct timeval patience = {.tv_sec = PATIENCE_SECONDS};
  if (end.raw < 0 || end.socket < 0) fail("socket");
  if (bind(end.socket, (struct sockaddr *)&local, sizeof local) < 0) fail("bind");
  if (setsockopt(end.socket, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience) < 0) fail("setsockopt");
  return end;
}

static void expect(const struct end *at, struct in_addr from) {
  char payload[PAYLOAD_BYTES];
  struct sockaddr_in sender;
  socklen_t length = sizeof sender;
  if (recvfrom(at->socket, payload, sizeof payload, 0, (struct sockaddr *)&sender, &length) != PAYLOAD_BYTES) fail("a datagram did not arrive");
  if (sender.sin_addr.s_addr != from.s_addr) {
    fprintf(stderr, "packets: a datagram came from %s\n", inet_ntoa(sender.sin_addr));
    exit(1);
  }
}

static double microseconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * 1e6 + now.tv_nsec / 1e3;
}

// Sends datagrams to an address at the other end, each with the next source port; `seen_as` is whom
// that end is to take them from. Answers the time of one.
static double new_flows(const struct end *from, const struct end *to, struct in_addr address, struct in_addr seen_as, int port, int count) {
  struct sockaddr_in target = place(address, 0);
  struct datagram datagram = {
      .ip = {.version = 4, .ihl = 5, .ttl = 64, .protocol = IPPROTO_UDP, .saddr = from->address.s_addr, .daddr = address.s_addr},
      .udp = {.dest = htons(PORT), .len = htons(sizeof datagram - sizeof datagram.ip)},
  };
  double begin = microseconds();
  for (int index = 0; index < count; index++) {
    datagram.udp.source = htons(port + index);
    if (sendto(from->raw, &datagram, sizeof datagram, 0, (struct sockaddr *)&target, sizeof target) < 0) fail("sendto");
    expect(to, seen_as);
  }
  return (microseconds() - begin) / count;
}

// Datagrams there and back in one flow. Answers the time of one.
static double established(const struct end *outside, const struct end *workload, struct in_addr floating, int count) {
  char payload[PAYLOAD_BYTES] = {0};
  struct sockaddr_in there = place(floating, PORT), back = place(outside->address, PORT);
  double begin = microseconds();
  for (int index = 0; index < count; index += 2) {
    if (sendto(outside->socket, payload, sizeof payload, 0, (struct sockaddr *)&there, sizeof there) < 0) fail("sendto");
    expect(workload, outside->address);
    if (sendto(workload->socket, payload, sizeof payload, 0, (struct sockaddr *)&back, sizeof back) < 0) fail("sendto");
    expect(outside, floating);
  }
  return (microseconds() - begin) / count;
}

static void stay_on_this_cpu(void) {
  cpu_set_t cpus;
  CPU_ZERO(&cpus);
  CPU_SET(sched_getcpu(), &cpus);
  if (sched_setaffinity(0, sizeof cpus, &cpus) < 0) fail("sched_setaffinity");
}

int main(int count, char **arguments) {
  if (count != 8) fail("seven arguments are needed");
  struct in_addr floating = parse(arguments[4]);
  struct end outside = open_end(arguments[1], parse(arguments[3]));
  struct end workload = open_end(arguments[2], parse(arguments[5]));
  int rounds = atoi(arguments[6]), datagrams = atoi(arguments[7]);
  stay_on_this_cpu();

  // One more round goes before, in which neighbours are learnt and caches are filled.
  for (int round = -1, port = FIRST_PORT; round < rounds; round++, port += datagrams) {
    double in = new_flows(&outside, &workload, floating, outside.address, port, datagrams);
    double out = new_flows(&workload, &outside, outside.address, floating, port, datagrams);
    double both = established(&outside, &workload, floating, datagrams);
    if (round >= 0) printf("%s{\"newIn\":%.3f,\"newOut\":%.3f,\"established\":%.3f}", round == 0 ? "[" : ",", in, out, both);
  }
  puts("]");
  return 0;
}
