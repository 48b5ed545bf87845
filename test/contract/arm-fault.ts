/** Arms a fault of a local stand-in, see `Fault` in scripts/local/aws-json.ts. */
export async function armFault(
  service: 'EMR' | 'GLUE' | 'REDSHIFT_DATA',
  fault: Readonly<Record<string, unknown>>,
  path = '/_faults',
): Promise<void> {
  const answer = await fetch(`${process.env[`AWS_ENDPOINT_URL_${service}`]}${path}`, {
    method: 'POST',
    body: JSON.stringify(fault),
  });
  if (!answer.ok) throw new Error(`the fault was not armed: ${await answer.text()}`);
}
