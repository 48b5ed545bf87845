import type { Alert } from '../../ports/alerts.ts';

/** Longest texts that Slack takes: plain text of a header, mrkdwn of a section. */
const HEADER = 150;
const SECTION = 3_000;

export interface SlackMessage {
  /** What notifications show, and everything that does not know blocks. */
  readonly text: string;
  readonly blocks: readonly SlackBlock[];
}

type SlackBlock =
  | { readonly type: 'header'; readonly text: { readonly type: 'plain_text'; readonly text: string } }
  | { readonly type: 'section'; readonly text: Mrkdwn }
  | { readonly type: 'context'; readonly elements: readonly Mrkdwn[] };

interface Mrkdwn {
  readonly type: 'mrkdwn';
  readonly text: string;
}

const MARKS = {
  critical: ':red_circle:',
  warning: ':large_orange_circle:',
  info: ':large_blue_circle:',
} as const;

/**
 * An alert as Slack's incoming webhooks (and Mattermost's, Rocket.Chat's and Discord's `/slack` ones) take it.
 * Texts are escaped: a reason cannot mention a channel or hide an address behind a link.
 */
export function slackMessage(alert: Alert): SlackMessage {
  const lines = alert.lines.map((line) => `• ${escapeText(line)}`).join('\n');
  const commands = alert.commands.map(
    ({ command, effect }) => `\`${escapeText(command)}\`\n${escapeText(effect)}`,
  );
  return {
    text: `${MARKS[alert.severity]} ${escapeText(alert.title)}`,
    blocks: [
      { type: 'header', text: { type: 'plain_text', text: cut(alert.title, HEADER) } },
      ...(lines === '' ? [] : [section(lines)]),
      ...(commands.length === 0 ? [] : [section(`*Type one of*\n${commands.join('\n')}`)]),
      {
        type: 'context',
        elements: [
          mrkdwn(
            `${MARKS[alert.severity]} ${alert.severity} · ${alert.kind} · ${escapeText(alert.pipeline)} · ${alert.at}`,
          ),
          mrkdwn(`run \`${escapeText(alert.runKey)}\` · \`${escapeText(alert.dedupKey)}\``),
        ],
      },
    ],
  };
}

function section(text: string): SlackBlock {
  return { type: 'section', text: mrkdwn(text) };
}

function mrkdwn(text: string): Mrkdwn {
  return { type: 'mrkdwn', text: cut(text, SECTION) };
}

function escapeText(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

function cut(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length - 1)}…`;
}
