import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';

/** A copy of the repository that may be broken without harm. */
export interface Workshop {
  readonly dir: string;
  apply(patchFile: string): void;
  revert(patchFile: string): void;
  remove(): void;
}

/**
 * Copies what git knows of (and what is new and not ignored), and links the installed packages, except our own
 * workspaces: those must lead into the copy, or the patch would break nothing.
 */
export function createWorkshop(root: string): Workshop {
  const dir = mkdtempSync(join(tmpdir(), 'dipper-sabotage-'));
  const files = git(root, 'ls-files', '--cached', '--others', '--exclude-standard', '-z').split('\0').filter(Boolean);
  for (const file of files) {
    mkdirSync(join(dir, dirname(file)), { recursive: true });
    cpSync(join(root, file), join(dir, file));
  }
  linkPackages(root, dir);
  git(dir, 'init', '--quiet');
  return {
    dir,
    apply: (patchFile) => void git(dir, 'apply', '--recount', '--whitespace=nowarn', patchFile),
    revert: (patchFile) => void git(dir, 'apply', '--recount', '--whitespace=nowarn', '--reverse', patchFile),
    remove: () => rmSync(dir, { recursive: true, force: true }),
  };
}

function linkPackages(root: string, dir: string): void {
  const modules = join(dir, 'node_modules');
  mkdirSync(join(modules, '@dipper'), { recursive: true });
  for (const name of readdirSync(join(root, 'node_modules'))) {
    if (name !== '@dipper') symlinkSync(join(root, 'node_modules', name), join(modules, name));
  }
  for (const workspace of workspacesOf(root)) {
    const name = (JSON.parse(readFileSync(join(root, workspace, 'package.json'), 'utf8')) as { name: string }).name;
    symlinkSync(relative(join(modules, '@dipper'), join(dir, workspace)), join(modules, name));
    for (const nested of nestedModules(join(root, workspace))) {
      symlinkSync(nested, join(dir, workspace, 'node_modules'));
    }
  }
}

function workspacesOf(root: string): string[] {
  return (JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { workspaces: string[] }).workspaces;
}

function nestedModules(workspace: string): string[] {
  return readdirSync(workspace).includes('node_modules') ? [join(workspace, 'node_modules')] : [];
}

function git(cwd: string, ...args: string[]): string {
  return execFileSync('git', args, { cwd, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 });
}
