/** JVM options for the proxy that HTTPS_PROXY and NO_PROXY name, as npm and pip read them by themselves; none without. */
export function javaProxyOptions(env) {
  const proxy = env.HTTPS_PROXY || env.https_proxy;
  if (!proxy) return [];
  const { hostname, port, protocol } = new URL(proxy.includes('://') ? proxy : `http://${proxy}`);
  const exceptions = (env.NO_PROXY || env.no_proxy || '')
    .split(',')
    .map((name) => name.trim())
    .filter(Boolean)
    .map((name) => (name.startsWith('.') ? `*${name}` : name));
  return [
    `-Dhttps.proxyHost=${hostname}`,
    `-Dhttps.proxyPort=${port || (protocol === 'https:' ? 443 : 80)}`,
    ...(exceptions.length > 0 ? [`-Dhttp.nonProxyHosts=${exceptions.join('|')}`] : []),
  ];
}
