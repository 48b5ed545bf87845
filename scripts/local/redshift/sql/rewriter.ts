import type { QualifiedName } from './cursor.ts';
import type { Node } from './tree.ts';

/** What to read in the place of a table, view or external table. */
export interface RelationSource {
  /** A table name or a parenthesised query, in DuckDB's dialect. */
  sql: string;
  /** A query has no name of its own: the table's name becomes its alias. */
  needsAlias: boolean;
  /** Column names given to a view. */
  columns?: readonly string[];
}

/** What a translation needs to know of its surroundings. */
export interface TranslationContext {
  relation(name: QualifiedName): RelationSource;
  /** The database, for three-part names and current_database(). */
  database: string;
  user: string;
}

/** Where in a query the translation stands. */
export interface Scope {
  context: TranslationContext;
  /** Names of common table expressions that can be seen here. */
  ctes: ReadonlySet<string>;
  rewriter: Rewriter;
  /** Inside the definition of a window. */
  isWindow?: boolean;
}

/** A part of an expression in DuckDB's dialect. */
export interface Piece {
  sql: string;
  /** Operands follow operators or keywords; two operands in a row are an expression and its alias. */
  role: 'operand' | 'operator' | 'keyword' | 'star';
  /** Name that the column has when no alias is given. */
  label?: string;
  /** The engine gives the column that name anyway: an alias would only hide errors about the column. */
  isNamed?: boolean;
}

/** The two halves of the translator, which call each other. */
export interface Rewriter {
  /** A whole query, from SELECT, WITH or VALUES on, or its tail from FROM on. */
  query(nodes: readonly Node[], scope: Scope): string;
  /** An expression or a list of them. */
  pieces(nodes: readonly Node[], scope: Scope): Piece[];
}

/** Pieces as one text. */
export function joinPieces(pieces: readonly Piece[]): string {
  return pieces.map((piece) => piece.sql).join(' ');
}

/** An expression as text. */
export function expressionSql(nodes: readonly Node[], scope: Scope): string {
  return joinPieces(scope.rewriter.pieces(nodes, scope));
}
