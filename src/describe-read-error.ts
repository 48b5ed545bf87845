/** Why a file that a person has named cannot be read, and what to do: goes behind its path. */
export function describeReadError(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === 'ENOENT' || code === 'ENOTDIR') return 'is not there; correct the path';
  if (code === 'EISDIR') return 'is a folder; name a file in it';
  if (code === 'EACCES' || code === 'EPERM')
    return `cannot be read: there is no permission; let this user read it (${code})`;
  return `cannot be read: ${message}`;
}
