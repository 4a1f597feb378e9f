import helmet from '@fastify/helmet';
import fp from 'fastify-plugin';

/**
 * Headers that narrow what a browser lets the page do. Live pictures are played from Media Source, which needs
 * `blob:` as a media source; WebSockets to the page's own host fall under `'self'` (CSP 3 §6.7.2.8). Ant Design writes
 * style elements at run time.
 *
 * @param isSecure people reach the hub over TLS
 */
export const securityHeaders = fp<{ readonly isSecure: boolean }>(
  async (app, { isSecure }) => {
    await app.register(helmet, {
      contentSecurityPolicy: {
        useDefaults: false,
        directives: {
          'default-src': ["'self'"],
          'script-src': ["'self'"],
          'style-src': ["'self'", "'unsafe-inline'"],
          'img-src': ["'self'", 'data:', 'blob:'],
          'media-src': ["'self'", 'blob:'],
          'connect-src': ["'self'"],
          'worker-src': ["'self'", 'blob:'],
          'object-src': ["'none'"],
          'base-uri': ["'none'"],
          'form-action': ["'self'"],
          'frame-ancestors': ["'none'"],
        },
      },
      // Promised only where TLS is: over plain HTTP in a local network it would lock people out.
      strictTransportSecurity: isSecure,
      originAgentCluster: isSecure,
      crossOriginOpenerPolicy: isSecure,
      referrerPolicy: { policy: 'no-referrer' },
    });
  },
  { name: 'security-headers' },
);
