/* SPDX-License-Identifier: BSD-3-Clause */
/* Over 400 lines: ring side, vhost's thread and control thread around one struct; librte_vhost calls all three, so they do not come apart. */
#include "vnet/port_guest.h"

#include <errno.h>
#include <linux/virtio_config.h>
#include <linux/virtio_net.h>
#include <linux/virtio_ring.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <rte_vhost.h>

#include "base/log.h"
#include "base/ns.h"
#include "vnet/eal.h"
#include "vnet/pkt_mbuf.h"
#include "vnet/sigbus.h"
#include "vnet/unix_sock.h"

#define NOBODY	   (-1)
#define GUEST_POOL 2048 /* buffers beside those that may wait in class queues */
#define WAIT_US	   50	/* pause between two looks whether the worker took note */
#define MESSAGE_NS (100 * NS_PER_MS) /* a message that was begun is there by then, and an answer taken */
#define MAX_RINGS  17	/* eight queue pairs and a control ring: as many as can be offered */
#define MAX_CONNS  2	/* of one socket: the one that is used, and the next when that has ended and we have not seen it yet */

/* Frames are copied once and forwarded as they are: nothing that would need them to be completed, split or merged later. */
#define NEVER_OFFERED                                                                                                               \
	(1ULL << VIRTIO_NET_F_CSUM | 1ULL << VIRTIO_NET_F_GUEST_CSUM | 1ULL << VIRTIO_NET_F_GUEST_TSO4 |                             \
	 1ULL << VIRTIO_NET_F_GUEST_TSO6 | 1ULL << VIRTIO_NET_F_GUEST_ECN | 1ULL << VIRTIO_NET_F_GUEST_UFO |                         \
	 1ULL << VIRTIO_NET_F_HOST_TSO4 | 1ULL << VIRTIO_NET_F_HOST_TSO6 | 1ULL << VIRTIO_NET_F_HOST_ECN |                           \
	 1ULL << VIRTIO_NET_F_HOST_UFO | 1ULL << VIRTIO_NET_F_MTU | 1ULL << VIRTIO_NET_F_GUEST_ANNOUNCE |                       \
	 1ULL << VHOST_F_LOG_ALL) /* the log is more memory of the frontend's, and no guest migrates from here */
#define WITH_QUEUES (1ULL << VIRTIO_NET_F_MQ | 1ULL << VIRTIO_NET_F_CTRL_VQ | 1ULL << VIRTIO_NET_F_CTRL_RX)

struct port_guest {
	char path[CONF_PATH_LEN];
	struct rte_mempool *pool;
	uint16_t queues;
	bool by_queue; /* frames of class c go to queue pair c */
	bool server;
	_Atomic int wanted;	/* vhost's number of the guest; NOBODY. Written by vhost's thread */
	_Atomic int attached;	/* what the worker uses. Written by the worker */
	_Atomic bool worker_gone;
	_Atomic bool packed;
	_Atomic bool rings_changed; /* a ring was enabled: it has to be told that we poll. Set by vhost's thread */
	struct sigbus_guest memory;
	_Atomic int connections;
	uint16_t next_queue; /* the pair whose turn it is */
};

/*
 * vhost calls back with a number; the port is found by the path. The table is filled by the control thread before the path is registered,
 * so an entry is there before anyone can ask for it.
 */
static struct port_guest *guests[PKT_MAX_PORTS];

/*
 * One queue's frames. One that is longer than a buffer costs no copy: the ring library drops it and stops there, and all we see is that the
 * ring went on by one more than we were given. (A packed ring counts descriptors: no telling.)
 */
static uint16_t dequeue(struct port *port, int vid, uint16_t ring, struct rte_mbuf **m, uint16_t n)
{
	struct port_guest *g = port->priv;
	uint16_t before = 0, after = 0, used, got;

	rte_vhost_get_vring_base(vid, ring, &before, &used);
	got = rte_vhost_dequeue_burst(vid, ring, g->pool, m, n);
	rte_vhost_get_vring_base(vid, ring, &after, &used);
	if (!atomic_load_explicit(&g->packed, memory_order_relaxed) && (uint16_t)(after - before) == got + 1)
		stat_add(port->stat.rx_giants, 1);
	return got;
}

static uint16_t guest_rx(struct port *port, struct pkt **p, uint16_t n)
{
	struct port_guest *g = port->priv;
	int vid = atomic_load_explicit(&g->attached, memory_order_relaxed);
	struct rte_mbuf *m[PORT_BURST];
	uint16_t got = 0;
	uint16_t tries, queue, i, k;

	for (tries = 0; tries < g->queues && got < n; tries++) {
		queue = g->next_queue;
		g->next_queue = (uint16_t)(queue + 1 == g->queues ? 0 : queue + 1);
		k = dequeue(port, vid, (uint16_t)(queue * 2 + 1), m, (uint16_t)(n - got));
		for (i = 0; i < k; i++) {
			p[got] = pkt_wrap(m[i]);
			p[got++]->tc = (uint8_t)queue;
		}
	}
	return got;
}

/* The ring library writes to a guest's interrupt in the midst of the call that found that the guest wants one, and says so right then. */
static _Thread_local bool called;

static void on_notified(int vid)
{
	(void)vid;
	called = true;
}

/* Frames first..first+n went into a ring; what was asked for holds for all of them, as they were published together. */
static void note_call(struct port *port, uint16_t first, uint16_t n)
{
	if (!called && n)
		port->no_call |= (UINT32_MAX >> (32 - n)) << first;
}

/* One queue's share of a burst: frames i..i+k go to the same queue pair. */
static uint16_t guest_tx(struct port *port, struct pkt **p, uint16_t n)
{
	struct port_guest *g = port->priv;
	int vid = atomic_load_explicit(&g->attached, memory_order_relaxed);
	struct rte_mbuf *m[EGRESS_BURST];
	uint16_t i, k, sent, queue;
	uint16_t done = 0;

	while (done < n) {
		queue = g->by_queue && p[done]->tc < g->queues ? p[done]->tc : 0;
		for (k = 0; done + k < n; k++) {
			if (g->by_queue && p[done + k]->tc != p[done]->tc)
				break;
			m[k] = pkt_unwrap(p[done + k]);
		}
		called = false;
		sent = rte_vhost_enqueue_burst(vid, (uint16_t)(queue * 2), m, k);
		note_call(port, done, sent);
		for (i = 0; i < sent; i++)
			rte_pktmbuf_free(m[i]);
		done = (uint16_t)(done + sent);
		if (sent < k)
			break;
	}
	return done;
}

/* We poll: kicks are waste. A ring that is not enabled yet refuses, and is asked again when it is. */
static void refuse_kicks(struct port_guest *g, int vid)
{
	uint16_t rings = rte_vhost_get_vring_num(vid);
	uint16_t i;

	atomic_store(&g->rings_changed, false);
	for (i = 0; i < rings; i++)
		rte_vhost_enable_guest_notification(vid, i, 0);
}

static bool guest_up(struct port *port)
{
	struct port_guest *g = port->priv;
	int wanted = atomic_load_explicit(&g->wanted, memory_order_acquire);

	if (atomic_load_explicit(&g->memory.broken, memory_order_relaxed) && wanted != NOBODY) {
		/* It took its memory away: down until it has gone and another one comes. */
		atomic_store_explicit(&g->attached, wanted, memory_order_release);
		return false;
	}

	if (wanted != atomic_load_explicit(&g->attached, memory_order_relaxed)) {
		atomic_store_explicit(&g->attached, wanted, memory_order_release);
		/* One guest may have gone and the next have come between two turns: the port is seen down once in between. */
		if (wanted != NOBODY && port->was_up)
			return false;
	}
	if (wanted != NOBODY && atomic_load_explicit(&g->rings_changed, memory_order_relaxed))
		refuse_kicks(g, wanted);
	return wanted != NOBODY;
}

static const char *guest_ring(const struct port *port)
{
	const struct port_guest *g = port->priv;

	if (atomic_load(&g->attached) == NOBODY)
		return "";
	return atomic_load(&g->packed) ? "packed" : "split";
}

static void guest_close(struct port *port)
{
	struct port_guest *g = port->priv;

	if (!g)
		return;
	rte_vhost_driver_unregister(g->path);
	guests[port->index] = NULL;
	sigbus_watch(port->index, NULL);
	if (g->server)
		unlink(g->path);
	rte_mempool_free(g->pool);
	free(g);
	port->priv = NULL;
}

static const struct port_ops guest_ops = {
	.kind = "guest",
	.guest = true,
	.rx = guest_rx,
	.tx = guest_tx,
	.up = guest_up,
	.ring = guest_ring,
	.close = guest_close,
};

void port_guest_release(struct port *port)
{
	atomic_store(&((struct port_guest *)port->priv)->worker_gone, true);
}

int port_guest_peer(const struct port *port)
{
	const struct port_guest *g = port->priv;

	return atomic_load(&g->attached) == NOBODY ? 0 : unix_sock_peer(g->path);
}

/* -- vhost's thread ------------------------------------------------------------------------------------------------------ */

static struct port_guest *guest_of(int vid)
{
	char path[CONF_PATH_LEN];
	int i;

	if (rte_vhost_get_ifname(vid, path, sizeof(path)))
		return NULL;
	for (i = 0; i < PKT_MAX_PORTS; i++)
		if (guests[i] && !strcmp(guests[i]->path, path))
			return guests[i];
	return NULL;
}

static void tell_worker(struct port_guest *g, int vid)
{
	atomic_store_explicit(&g->wanted, vid, memory_order_release);
	while (atomic_load_explicit(&g->attached, memory_order_acquire) != vid && !atomic_load(&g->worker_gone))
		usleep(WAIT_US);
}

/* Its addresses may be anybody's from now on. */
static void forget_memory(struct port_guest *g)
{
	int i;

	for (i = 0; i < SIGBUS_REGIONS; i++)
		atomic_store(&g->memory.start[i], NULL);
}

/* Where the guest's memory is, for the SIGBUS handler. The worker does not use it meanwhile: not told yet, or kept off the rings by their locks. */
static void watch_memory(struct port_guest *g, int vid)
{
	struct rte_vhost_memory *mem = NULL;
	char *start;
	uint32_t i;

	if (rte_vhost_get_mem_table(vid, &mem) || !mem)
		return;
	for (i = 0; i < SIGBUS_REGIONS; i++) {
		start = i < mem->nregions ? (char *)(uintptr_t)mem->regions[i].host_user_addr : NULL;
		if (start)
			g->memory.size[i] = mem->regions[i].size;
		atomic_store(&g->memory.start[i], start); /* never NULL in between: what has not changed is in use */
	}
	free(mem);
}

static int on_new(int vid)
{
	struct port_guest *g = guest_of(vid);
	uint64_t features = 0;

	if (!g || atomic_load(&g->wanted) != NOBODY) /* a second frontend on the same socket waits for the first to go */
		return -1;
	atomic_store(&g->memory.broken, false);
	watch_memory(g, vid);
	atomic_store(&g->rings_changed, true);
	rte_vhost_get_negotiated_features(vid, &features);
	atomic_store(&g->packed, features >> VIRTIO_F_RING_PACKED & 1);
	tell_worker(g, vid);
	log_info("%s: guest attached, %s ring, %u queue pair%s", g->path, atomic_load(&g->packed) ? "packed" : "split",
		 rte_vhost_get_vring_num(vid) / 2, rte_vhost_get_vring_num(vid) / 2 == 1 ? "" : "s");
	return 0;
}

static void on_destroy(int vid)
{
	struct port_guest *g = guest_of(vid);

	if (!g || atomic_load(&g->wanted) != vid)
		return;
	tell_worker(g, NOBODY);
	forget_memory(g);
	if (atomic_load(&g->memory.broken))
		log_warn("%s: the guest had taken its memory away; its port was taken down", g->path);
	log_info("%s: guest gone", g->path);
}

/* Called with the ring's lock held: asking for no kicks takes that lock, so the worker does it. */
static int on_vring(int vid, uint16_t queue, int enable)
{
	struct port_guest *g = guest_of(vid);

	(void)queue;
	if (g && enable)
		atomic_store(&g->rings_changed, true);
	return 0;
}

/* A message as it comes; which ring it is about is in the first bytes of its payload, if it is about one. */
struct message {
	uint32_t request, flags, size;
	uint32_t ring;
} __attribute__((packed));

static bool names_ring(uint32_t request)
{
	return request >= 8 && (request <= 14 || request == 18); /* VHOST_USER_SET_VRING_NUM to .._ERR, .._ENABLE */
}

/* librte_vhost makes room for any of 256 rings, from memory that is for all guests. */
static enum rte_vhost_msg_result before_message(int vid, void *msg)
{
	struct port_guest *g = guest_of(vid);
	const struct message *m = msg;

	if (g && names_ring(m->request) && (m->ring & 0xff) >= MAX_RINGS) {
		log_warn("%s: the frontend sets up ring %u, and %d are the most there are: hanging up", g->path, m->ring & 0xff, MAX_RINGS);
		unix_sock_hang_up(g->path);
	}
	return RTE_VHOST_MSG_RESULT_NOT_HANDLED;
}

/* A guest that runs may have been given other memory. */
static enum rte_vhost_msg_result after_message(int vid, void *msg)
{
	struct port_guest *g = guest_of(vid);

	(void)msg;
	if (g && atomic_load(&g->wanted) == vid)
		watch_memory(g, vid);
	return RTE_VHOST_MSG_RESULT_NOT_HANDLED;
}

static int on_connect(int vid)
{
	static const struct rte_vhost_user_extern_ops look = {.pre_msg_handle = before_message, .post_msg_handle = after_message};
	struct port_guest *g = guest_of(vid);

	if (!g || g->connections == MAX_CONNS || rte_vhost_extern_callback_register(vid, &look, NULL))
		return -1;
	g->connections++;
	unix_sock_limit(g->path, MESSAGE_NS);
	return 0;
}

static void on_disconnect(int vid)
{
	struct port_guest *g = guest_of(vid);

	if (g)
		g->connections--;
}

static const struct rte_vhost_device_ops callbacks = {
	.new_connection = on_connect,
	.destroy_connection = on_disconnect,
	.new_device = on_new,
	.destroy_device = on_destroy,
	.vring_state_changed = on_vring,
	.guest_notified = on_notified,
};

/* -- control thread ------------------------------------------------------------------------------------------------------ */

static int register_socket(struct port_guest *g, const struct conf_port *conf, struct why *why)
{
	uint64_t masked = NEVER_OFFERED | (conf->queues > 1 ? 0 : WITH_QUEUES) | (conf->packed ? 0 : 1ULL << VIRTIO_F_RING_PACKED);
	uint64_t flags = RTE_VHOST_USER_NET_COMPLIANT_OL_FLAGS | RTE_VHOST_USER_LINEARBUF_SUPPORT | (conf->role == GUEST_CLIENT ? RTE_VHOST_USER_CLIENT : 0);
	int err;

	err = rte_vhost_driver_register(g->path, flags);
	if (err)
		return why_fail(why, EINVAL, "port %s: guest: cannot %s %s: %s", conf->name, g->server ? "listen on" : "connect to", g->path,
				eal_first_error());
	err = rte_vhost_driver_disable_features(g->path, masked);
	if (!err)
		err = rte_vhost_driver_callback_register(g->path, &callbacks);
	if (!err)
		err = rte_vhost_driver_start(g->path);
	if (!err)
		return 0;
	rte_vhost_driver_unregister(g->path);
	return why_fail(why, EINVAL, "port %s: guest: cannot %s %s: %s", conf->name, g->server ? "listen on" : "connect to", g->path,
			eal_first_error());
}

int port_guest_open(struct port *port, const struct conf_port *conf, struct why *why)
{
	struct port_guest *g;
	int err;

	err = conf->role == GUEST_SERVER ? unix_sock_clear(conf->guest, why) : 0;
	if (err) {
		why_at(why, "port %s: guest", conf->name);
		return err;
	}
	g = calloc(1, sizeof(*g));
	if (!g)
		return why_fail(why, ENOMEM, "port %s: out of memory", conf->name);
	memcpy(g->path, conf->guest, sizeof(g->path));
	g->server = conf->role == GUEST_SERVER;
	g->queues = (uint16_t)conf->queues;
	g->by_queue = conf->classify == CLASSIFY_QUEUE;
	atomic_store(&g->wanted, NOBODY);
	atomic_store(&g->attached, NOBODY);
	port->buffers = GUEST_POOL / 2 + (uint32_t)conf->queue_depth * 2;
	g->pool = pkt_pool_create(conf->name, GUEST_POOL / 2 + port->buffers, port->max_len, why);
	err = g->pool ? 0 : -ENOMEM;
	if (err)
		goto free_guest;
	port->ops = &guest_ops;
	port->priv = g;
	guests[port->index] = g;
	sigbus_watch(port->index, &g->memory);
	err = register_socket(g, conf, why);
	if (err)
		goto free_pool;
	return 0;
free_pool:
	guests[port->index] = NULL;
	sigbus_watch(port->index, NULL);
	port->priv = NULL;
	port->ops = NULL;
	rte_mempool_free(g->pool);
free_guest:
	free(g);
	return err;
}
