import { syntaxError, unsupported } from '../errors.ts';
import { quoteLiteral, type Token } from './tokens.ts';

/** What stands between a pair of parentheses. */
export interface Group {
  kind: 'group';
  items: Node[];
  position: number;
}

/** A whole CASE ... END, with what stands between the two words. */
interface Case {
  kind: 'case';
  items: Node[];
  position: number;
}

export type Node = Token | Group | Case;

/** Nests parentheses and CASE ... END; a trailing `;` is dropped, a second statement is refused. */
export function parseTree(tokens: readonly Token[]): Node[] {
  const last = tokens.findLastIndex((token) => !isOperator(token, ';'));
  const body = tokens.slice(0, last + 1);
  if (body.some((token) => isOperator(token, ';'))) {
    throw unsupported('several statements in one SQL text; use BatchExecuteStatement');
  }
  let position = 0;
  const read = (closer: string | undefined): Node[] => {
    const nodes: Node[] = [];
    for (let token = body[position]; token !== undefined; token = body[position]) {
      position += 1;
      if (isOperator(token, ')')) {
        if (closer !== ')') throw syntaxError(')');
        return nodes;
      }
      if (isOperator(token, '(')) nodes.push({ kind: 'group', items: read(')'), position: token.position });
      else if (isWord(token, 'case'))
        nodes.push({ kind: 'case', items: read('end'), position: token.position });
      else if (closer === 'end' && isWord(token, 'end')) return nodes;
      else nodes.push(token);
    }
    if (closer !== undefined) throw syntaxError('');
    return nodes;
  };
  return read(undefined);
}

export function isWord(node: Node | undefined, ...words: string[]): boolean {
  return node?.kind === 'word' && words.includes(node.text);
}

export function isOperator(node: Node | undefined, ...operators: string[]): boolean {
  return node?.kind === 'operator' && operators.includes(node.text);
}

/** Cuts a list at its top-level commas; no nodes give no parts. */
export function splitCommas(nodes: readonly Node[]): Node[][] {
  if (nodes.length === 0) return [];
  const parts: Node[][] = [[]];
  for (const node of nodes) {
    if (isOperator(node, ',')) parts.push([]);
    else parts.at(-1)?.push(node);
  }
  return parts;
}

/** A node for an error message. */
export function describeNode(node: Node | undefined): string {
  if (node === undefined) return '';
  if (node.kind === 'group') return '(';
  if (node.kind === 'case') return 'case';
  return node.kind === 'string' ? quoteLiteral(node.text) : node.text;
}
