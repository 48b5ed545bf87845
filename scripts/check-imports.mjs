// Reads the imports of the product and fails on an arrow that points outward, and on a cycle.
import { readdirSync, readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../', import.meta.url));

/** Zones, first match wins: the folder's own name, unless a file composes. */
const COMPOSE = /^src\/(worker|compose|start-up|load-pipelines|config|temporal-client|index)\.ts$/;
const ZONES = [
  ['compose', COMPOSE],
  ['core', /^src\/core\//],
  ['expectations', /^src\/expectations\//],
  ['ports', /^src\/ports\//],
  ['adapters', /^src\/adapters\//],
  ['workflows', /^workflows\//],
  ['activities', /^activities\//],
  ['pipelines', /^pipelines\//],
  ['setup', /^scripts\/setup\//],
  ['local', /^scripts\/local\//],
  ['scripts', /^scripts\//],
];

/** What a zone may import: `x` anything of x, `type x` only its types. Zones that are not listed compose. */
const ALLOWED = {
  core: ['core'],
  expectations: ['expectations', 'core'],
  ports: ['ports', 'type core', 'type expectations'],
  adapters: ['adapters', 'ports', 'core', 'expectations'],
  workflows: ['workflows', 'core', 'type ports', 'type activities'],
  activities: ['activities', 'core', 'ports', 'type expectations'],
  pipelines: ['pipelines', 'core'],
  local: ['local', 'setup'],
  setup: ['setup'],
};
const EXCEPTIONS = { 'src/core/describe-result.ts': ['type expectations'] };
const CORE_PACKAGES = ['zod', 'yaml'];
const builtins = new Set(builtinModules);

function zoneOf(file) {
  return ZONES.find(([, pattern]) => pattern.test(file))?.[0] ?? 'other';
}

function listFiles(folder) {
  return readdirSync(join(root, folder), { recursive: true })
    .map((name) => join(folder, String(name)).split(sep).join('/'))
    .filter((name) => /\.(ts|mts|mjs)$/.test(name) && !name.endsWith('.d.ts') && !name.endsWith('.d.mts'));
}

/** Imports and re-exports of a file, static, dynamic and `import('x').T`, each with whether it is of types alone. */
function readImports(file) {
  const text = readFileSync(join(root, file), 'utf8');
  const found = [];
  const statement =
    /^[ \t]*(?:import|export)\s+(?:(type)\s+)?((?:[\w$*]|\{)[^'";]*?)\s*from\s*['"]([^'"]+)['"]/gm;
  for (const [, type, names, specifier] of text.matchAll(statement)) {
    const inner = /^\{([\s\S]*)\}$/.exec(names.trim())?.[1];
    const named = inner
      ?.split(',')
      .map((name) => name.trim())
      .filter(Boolean);
    const areTypes =
      named !== undefined && named.length > 0 && named.every((name) => name.startsWith('type '));
    found.push({ specifier, isType: type === 'type' || areTypes });
  }
  for (const [, specifier] of text.matchAll(/^[ \t]*import\s*['"]([^'"]+)['"]/gm))
    found.push({ specifier, isType: false });
  for (const [, before, specifier] of text.matchAll(/(\bawait\s+|\(\s*)?\bimport\(\s*['"]([^'"]+)['"]\s*\)/g))
    found.push({ specifier, isType: before === undefined });
  return found;
}

const violations = [];
const graph = new Map();
const files = ['src', 'workflows', 'activities', 'pipelines', 'scripts'].flatMap(listFiles);

for (const file of files) {
  const zone = zoneOf(file);
  const next = [];
  graph.set(file, next);
  const report = (specifier, rule) => violations.push(`${file}: ${specifier}: ${rule}`);
  for (const { specifier, isType } of readImports(file)) {
    if (!specifier.startsWith('.')) {
      const isBuiltin = specifier.startsWith('node:') || builtins.has(specifier);
      if (isBuiltin && !isType && (zone === 'core' || zone === 'workflows'))
        report(specifier, `${zone} has no Node built-ins`);
      const name = specifier
        .split('/')
        .slice(0, specifier.startsWith('@') ? 2 : 1)
        .join('/');
      if (!isBuiltin && zone === 'core' && !CORE_PACKAGES.includes(name))
        report(specifier, `core imports no package but ${CORE_PACKAGES.join(' and ')}`);
      continue;
    }
    const target = relative(root, resolve(root, dirname(file), specifier))
      .split(sep)
      .join('/');
    if (!isType) next.push(target);
    const allowed = ALLOWED[zone];
    if (!allowed) continue;
    const to = zoneOf(target);
    const may = [...allowed, ...(EXCEPTIONS[file] ?? [])];
    if (may.includes(to) || (isType && may.includes(`type ${to}`))) continue;
    report(
      specifier,
      may.includes(`type ${to}`) ? `${zone} imports only types of ${to}` : `${zone} imports nothing of ${to}`,
    );
  }
}

/** Cycles of imports that exist at run time. */
const done = new Set();
function visit(file, path) {
  const start = path.indexOf(file);
  if (start >= 0) {
    violations.push(`${file}: ${[...path.slice(start), file].join(' > ')}: imports go round in a circle`);
    return;
  }
  if (done.has(file)) return;
  for (const next of graph.get(file) ?? []) visit(next, [...path, file]);
  done.add(file);
}
for (const file of files) visit(file, []);

for (const line of violations) console.error(line);
if (violations.length > 0) process.exitCode = 1;
else console.log(`imports of ${files.length} files point inward`);
