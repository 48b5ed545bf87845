import { createHash } from 'node:crypto';
import { TidemarkError } from '../src/core/errors.ts';
import { type Layout, makeLayout } from '../src/core/layout.ts';
import type { Pipeline } from '../src/core/pipeline.ts';
import type { Publication, RunKind } from '../src/core/publication.ts';
import type { Audit, BusinessWindow, KeyRange, ManifestRef } from '../src/core/run.ts';
import type { ObjectStore } from '../src/ports/object-store.ts';
import type { ActivityDeps } from './deps.ts';

/** Which run an activity works for. */
export interface RunScope {
  readonly pipeline: string;
  readonly kind: RunKind;
  readonly window?: BusinessWindow;
  readonly audit?: Audit;
  /** Windows that are published together. */
  readonly windows?: readonly BusinessWindow[];
  /** Range of keys, of a first load in ranges. */
  readonly range?: KeyRange;
  /** Ranges that are published together. */
  readonly ranges?: readonly KeyRange[];
  /** Entities to read; default all. */
  readonly onlyEntities?: readonly string[];
  readonly runKey: string;
}

export function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** The pipeline by name, as the worker has loaded it, and where its objects are. */
export function openPipeline(deps: ActivityDeps, name: string): { pipeline: Pipeline; layout: Layout } {
  const pipeline = deps.pipelines.get(name);
  if (!pipeline) {
    throw new TidemarkError(
      'DEFINITION_UNKNOWN',
      `The worker knows no pipeline "${name}"; it has ${[...deps.pipelines.keys()].join(', ') || 'none'}`,
    );
  }
  return { pipeline, layout: makeLayout(deps.zones, name) };
}

/** Writes a manifest create-only. When one is already there, from an attempt whose answer was lost, that one counts. */
export async function createManifest(store: ObjectStore, uri: string, value: unknown): Promise<ManifestRef> {
  const text = JSON.stringify(value, null, 1);
  const { created } = await store.create(uri, text, 'application/json');
  if (created) return { uri, digest: digestOf(text) };
  const existing = await findManifest(store, uri);
  if (!existing) throw new TidemarkError('OBJECT_MISSING', `${uri} existed a moment ago and is gone`);
  return existing;
}

/** A manifest that an earlier attempt may have completed; null when there is none. */
export async function findManifest(store: ObjectStore, uri: string): Promise<ManifestRef | null> {
  const object = await store.read(uri);
  return object ? { uri, digest: digestOf(object.text) } : null;
}

/** Reads a manifest and checks that it is the one that was written. */
export async function readManifest<T>(store: ObjectStore, ref: ManifestRef): Promise<T> {
  const object = await store.read(ref.uri);
  if (!object) throw new TidemarkError('OBJECT_MISSING', `${ref.uri} is gone`);
  if (digestOf(object.text) !== ref.digest)
    throw new TidemarkError('OBJECT_CHANGED', `${ref.uri} is not what was written`);
  return JSON.parse(object.text) as T;
}

/** The publication that readers see now, with the etag to swap it by; null before the first. */
export async function readPublication(
  store: ObjectStore,
  layout: Layout,
): Promise<{ publication: Publication; etag: string } | null> {
  const object = await store.read(layout.publication);
  return object ? { publication: JSON.parse(object.text) as Publication, etag: object.etag } : null;
}

/**
 * A publication by its sequence; null for 0. Each is copied before the next one replaces it, so it is either
 * the current one or has a copy.
 */
export async function readPublicationCopy(
  store: ObjectStore,
  layout: Layout,
  sequence: number,
): Promise<Publication | null> {
  if (sequence === 0) return null;
  const copy = await store.read(layout.publicationCopy(sequence));
  if (copy) return JSON.parse(copy.text) as Publication;
  const current = await readPublication(store, layout);
  if (current?.publication.sequence === sequence) return current.publication;
  throw new TidemarkError('OBJECT_MISSING', `${layout.publicationCopy(sequence)} is gone`);
}
