import { javaCommand, pythonCommand } from './paths.mjs';
import { PREREQUISITES } from './pins.mjs';
import { runCommand } from './run-command.mjs';

const atLeast = ([major, minor], [wantedMajor, wantedMinor]) =>
  major > wantedMajor || (major === wantedMajor && minor >= wantedMinor);

/** Sentences that say what is wrong with a Node version such as `20.19.0`; none when it is right. */
function nodeProblems(version) {
  const wanted = PREREQUISITES.node;
  if (atLeast(version.split('.').map(Number), wanted)) return [];
  return [
    `Node.js ${wanted.join('.')} or newer is needed, but this is ${version}: install a newer one, then run this again.`,
  ];
}

/** The same for the output of `python3 --version`, or null when it does not start. */
function pythonProblems(command, output) {
  const wanted = PREREQUISITES.python.join('.');
  const advice = `install Python ${wanted} or newer, or set PYTHON to it.`;
  if (output === null)
    return [`Python ${wanted} or newer is needed, but \`${command}\` does not start: ${advice}`];
  const found = /Python (\d+)\.(\d+)/.exec(output);
  if (found && atLeast([Number(found[1]), Number(found[2])], PREREQUISITES.python)) return [];
  return [
    `Python ${wanted} or newer is needed, but \`${command} --version\` says "${output.trim()}": ${advice}`,
  ];
}

/** The same for pip, of which any version will do. */
function pipProblems(command, output) {
  if (output !== null) return [];
  return [
    `pip is needed, but \`${command} -m pip --version\` does not work: install it (python3-pip on Debian and Ubuntu, ` +
      `or \`${command} -m ensurepip --user\`), or set PYTHON to a Python that has it.`,
  ];
}

/** The same for the output of `java -version`, or null when it does not start. */
function javaProblems(command, output) {
  const wanted = PREREQUISITES.javaMajors.join(' or ');
  const advice = `install it (openjdk-17-jre-headless on Debian and Ubuntu) and put it on PATH, or set JAVA_HOME to it.`;
  if (output === null)
    return [`Java ${wanted} is needed for Spark, but \`${command}\` does not start: ${advice}`];
  const found = /version "(\d+)/.exec(output);
  if (found && PREREQUISITES.javaMajors.includes(Number(found[1]))) return [];
  const says = output.trim().split('\n')[0];
  return [`Java ${wanted} is needed for Spark, but \`${command} -version\` says "${says}": ${advice}`];
}

/** Looks at this machine; gives one sentence for each thing that is missing. */
export async function missingPrerequisites() {
  if (process.platform === 'win32') {
    return ['The local parts run on Linux and macOS; on Windows, run this inside WSL (wsl --install).'];
  }
  const python = pythonCommand();
  const java = javaCommand();
  const outputOf = (command, args) => runCommand(command, args).catch(() => null);
  const [pythonVersion, pipVersion, javaVersion] = await Promise.all([
    outputOf(python, ['--version']),
    outputOf(python, ['-m', 'pip', '--version']),
    outputOf(java, ['-version']),
  ]);
  const wrongPython = pythonProblems(python, pythonVersion);
  return [
    ...nodeProblems(process.versions.node),
    ...wrongPython,
    ...(wrongPython.length > 0 ? [] : pipProblems(python, pipVersion)),
    ...javaProblems(java, javaVersion),
  ];
}
