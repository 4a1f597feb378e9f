import { existsSync } from 'node:fs';
import { join, sep } from 'node:path';
import { DipperError } from '@dipper/contract/errors';
import fastifyStatic from '@fastify/static';
import type { FastifyReply, FastifyRequest } from 'fastify';
import fp from 'fastify-plugin';

/** Paths that belong to programs: what is not there is a problem document, never the page. */
const FOR_PROGRAMS = /^\/(api|edge)(\/|$)/;
/** Vite names what it puts here by content, so a browser may keep it for good. */
const ASSETS = '/assets/';
const ASSET_LIFE_MS = 365 * 86_400_000;

const NOT_BUILT = `<!doctype html><html lang="en"><meta charset="utf-8"><title>Dipper</title>
<h1>The page has not been built</h1><p>The hub runs and its API answers, see <a href="/openapi.json">/openapi.json</a>.
To have the page, run <code>npm run build:console</code> and reload.</p></html>\n`;

/**
 * Serves the console. It routes by itself, so every path that is neither a file nor an address for programs answers
 * with its start page.
 *
 * @param dir the console's build; may be missing, and may appear while the hub runs
 */
export const page = fp<{ readonly dir: string }>(
  async (app, { dir }) => {
    await app.register(fastifyStatic, { root: dir, serve: false, suppressWarning: true });
    app.get('/*', { config: { access: 'public' }, schema: { hide: true } }, (request, reply) =>
      answer(dir, request, reply),
    );
  },
  { name: 'page', dependencies: ['access'] },
);

function answer(dir: string, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const path = pathOf(request);
  if (FOR_PROGRAMS.test(path)) throw new DipperError('NOT_FOUND');
  if (!existsSync(join(dir, 'index.html'))) {
    return reply
      .code(path === '/' ? 200 : 404)
      .type('text/html; charset=utf-8')
      .header('cache-control', 'no-store')
      .send(NOT_BUILT);
  }
  if (path.startsWith(ASSETS)) {
    return reply.sendFile(path.slice(1), { maxAge: ASSET_LIFE_MS, immutable: true, dotfiles: 'deny' });
  }
  const isFile =
    /\.[a-z0-9]+$/i.test(path) && !path.includes('\0') && isBelow(dir, path) && existsSync(join(dir, path));
  // Not named by its content: asked for anew each time, answered with 304 while it is the same.
  reply.header('cache-control', 'no-cache');
  return reply.sendFile(isFile ? path.slice(1) : 'index.html', { cacheControl: false, dotfiles: 'deny' });
}

/** What lies elsewhere is not even looked for: the answer would tell whether it exists. */
function isBelow(dir: string, path: string): boolean {
  return join(dir, path).startsWith(join(dir, sep));
}

function pathOf(request: FastifyRequest): string {
  const [path = '/'] = request.url.split('?');
  try {
    return decodeURIComponent(path);
  } catch {
    throw new DipperError('NOT_FOUND');
  }
}
