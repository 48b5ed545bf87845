import { existsSync } from 'node:fs';

/** The folder of the checkout, above this file as it stands and as it is built. Ends in a slash. */
export const ROOT = findRoot(new URL('./', import.meta.url));

function findRoot(folder: URL): URL {
  return existsSync(new URL('package.json', folder)) ? folder : findRoot(new URL('../', folder));
}
