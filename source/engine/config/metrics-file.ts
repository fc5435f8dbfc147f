import path from 'node:path';

export const telemetryName = 'telemetry';

export const metricsName = 'magds_backup.prom';

/**
 * The root's metrics, for node_exporter's textfile collector: beside the kernel's own.
 * @param kernels absolute path of those, where they are configured
 */
export const metricsFile = (
  root: string,
  kernels = `${root}/storage/${telemetryName}/metrics.prom`,
): string => path.join(path.dirname(kernels), metricsName);

/** Never removed: a process that waits for it must not get a lock that no other one sees. */
export const lockName = '.magds_backup.lock';
