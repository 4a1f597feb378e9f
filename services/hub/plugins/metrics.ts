import fp from 'fastify-plugin';
import { collectDefaultMetrics, Gauge, Histogram, type Registry } from 'prom-client';

/** From a look-up to an Argon2 check on a small machine to a command that waits for an edge. */
const DURATION_BUCKETS_SEC = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/**
 * Measures requests and sockets, and answers `GET /metrics` for Prometheus. Labels name routes as they are declared,
 * never a path as it was asked for: that would let a stranger grow the label set, and would put references to
 * people's pictures into a monitoring system.
 */
export const metrics = fp<{ readonly registry: Registry }>(
  async (app, { registry }) => {
    collectDefaultMetrics({ register: registry });
    const durations = new Histogram({
      name: 'dipper_hub_http_request_duration_seconds',
      help: 'Time from a request to the end of its answer.',
      labelNames: ['method', 'route', 'status'],
      buckets: DURATION_BUCKETS_SEC,
      registers: [registry],
    });
    new Gauge({
      name: 'dipper_hub_web_sockets',
      help: 'WebSockets that are open: feeds, live viewers and uplinks of edges.',
      registers: [registry],
      collect() {
        this.set(app.websocketServer.clients.size);
      },
    });
    app.addHook('onResponse', async (request, reply) => {
      const route = request.routeOptions.url ?? 'none';
      durations.observe({ method: request.method, route, status: reply.statusCode }, reply.elapsedTime / 1000);
    });
    app.get(
      '/metrics',
      { config: { access: 'public' }, schema: { summary: 'Metrics for Prometheus', tags: ['operation'] } },
      async (_request, reply) => reply.type(registry.contentType).send(await registry.metrics()),
    );
  },
  { name: 'metrics', dependencies: ['access', 'web-sockets'] },
);
