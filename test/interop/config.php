<?php

/**
 * How the PHP kernel reads its configuration, as far as FORMAT.md tells: it shares no line with this program. What it
 * is to read comes as JSON on the standard input, many at once; the answers leave the same way.
 *
 *     php config.php env     [base64 of a .env file…]  ->  [[[base64 of a name, base64 of its value]…]…]
 *     php config.php boot    [{root, env, order}…]     ->  [{refused: why} | {values: {…}}…]
 *
 * Each boot is a process of its own: what one sets or dies of is nothing to the next.
 */

declare(strict_types=1);

/** The variables of a .env file; those that are there already stay. */
function readEnv(string $text, array $known): array
{
    foreach (explode("\n", $text) as $line) {
        $line = trim($line);
        if ($line === '' || $line[0] === '#' || !str_contains($line, '=')) {
            continue;
        }
        [$name, $value] = explode('=', $line, 2);
        $name = trim($name);
        if ($name === '' || array_key_exists($name, $known)) {
            continue;
        }
        $known[$name] = trim(trim($value), "\"'");
    }
    return $known;
}

function environments(array $files): array
{
    return array_map(static function (string $file): array {
        $pairs = [];
        foreach (readEnv(base64_decode($file), []) as $name => $value) {
            $pairs[] = [base64_encode((string) $name), base64_encode($value)];
        }
        return $pairs;
    }, $files);
}

/** A text that is no UTF-8 as its bytes. */
function portable(mixed $value): mixed
{
    if (is_array($value)) {
        return array_map(portable(...), $value);
    }
    return is_string($value) && !isText($value) ? ['bytes' => base64_encode($value)] : $value;
}

function isText(string $value): bool
{
    return preg_match('//u', $value) === 1;
}

/** As Laravel has it, and configuration files expect. */
function env(string $key, mixed $default = null): mixed
{
    $value = getenv($key);
    if ($value === false) {
        return $default;
    }
    return match (strtolower($value)) {
        'true', '(true)' => true,
        'false', '(false)' => false,
        'null', '(null)' => null,
        'empty', '(empty)' => '',
        default => $value,
    };
}

/** The files of a layer: of the directory, else, where nothing else has that name, the file beside it. */
function layer(string $name): array
{
    if (is_dir($name)) {
        return glob(addcslashes($name, '*?[]{}\\') . '/*.php');
    }
    return !file_exists($name) && file_exists("$name.php") ? ["$name.php"] : [];
}

function load(string $file): array
{
    return require $file;
}

function demand(bool $holds, string $why): void
{
    if (!$holds) {
        throw new RuntimeException($why);
    }
}

function boot(string $root, array $process, string $order): array
{
    set_error_handler(static function (int $level, string $message, string $file, int $line): never {
        throw new ErrorException($message, 0, $level, $file, $line);
    });
    foreach (array_keys(getenv()) as $name) {
        putenv((string) $name);
    }
    foreach ($process as $name => $value) {
        putenv("$name=$value");
    }
    $known = str_contains($order, 'E') ? $process : [];
    $text = is_file("$root/.env") ? file_get_contents("$root/.env") : '';
    foreach (array_diff_key(readEnv($text, $known), $known) as $name => $value) {
        putenv("$name=$value");
    }
    $environment = getenv('MOBO_ENV') ?: 'development';
    $config = [];
    foreach (['base', "environments/$environment", 'secrets', "secrets/$environment"] as $name) {
        foreach ($name === 'base' && !is_dir("$root/config/base") ? [] : layer("$root/config/$name") as $file) {
            $config = array_replace_recursive($config, load($file));
        }
    }
    $backup = ['enabled' => true, 'path' => 'storage/backups', 'datasets' => []];
    if (array_key_exists('backup', $config['magds'] ?? [])) {
        demand(is_array($config['magds']['backup']), 'backup');
        $backup = $config['magds']['backup'] + $backup;
    }
    demand(is_bool($backup['enabled']), 'enabled');
    demand(is_string($backup['path']), 'path');
    demand(is_array($backup['datasets']), 'datasets');
    $verification = $backup['verification'] ?? [];
    demand(!array_key_exists('algorithm', $verification) || is_string($verification['algorithm']), 'algorithm');
    foreach ($backup['datasets'] as $dataset) {
        demand(!is_int($dataset['name'] ?? ''), 'name');
    }
    demand(isset($config['magds']['primary']['connection']), 'connection');
    $kernel = $config['kernel']['environment'] ?? $environment;
    demand(in_array($kernel, ['development', 'testing', 'staging', 'production'], true), 'environment');
    $absolute = static fn (string $path): string => $path[0] === '/' ? $path : "$root/$path";
    $datasets = [];
    foreach ($backup['datasets'] ?: [['name' => 'kernel_state', 'source' => 'storage/state/system.json']] as $dataset) {
        $datasets[$dataset['name']] = $absolute($dataset['source']);
    }
    $count = (int) ($backup['retention']['max_count'] ?? 0);
    return [
        'environment' => $environment,
        'enabled' => $backup['enabled'],
        'path' => $absolute($backup['path']),
        'datasets' => array_map(static fn ($name) => [(string) $name, $datasets[$name]], array_keys($datasets)),
        'algorithm' => $verification['algorithm'] ?? 'sha256',
        'maxCount' => $count > 0 ? $count : null,
        'auditLog' => $absolute($config['security']['audit_log']['path'] ?? 'storage/logs/audit.log'),
        'connection' => $config['magds']['primary']['connection'],
        'metrics' => dirname($absolute($config['observability']['metrics']['file'] ?? 'storage/telemetry/metrics.prom')),
        'magdb' => (bool) ($config['components']['MagDB']['enabled'] ?? true),
    ];
}

/** What a process of its own makes of it; null where PHP itself ended it. */
function apart(callable $action): mixed
{
    $file = tempnam(sys_get_temp_dir(), 'boot');
    $child = pcntl_fork();
    if ($child === 0) {
        ini_set('display_errors', '0');
        ini_set('log_errors', '0');
        ob_start();
        try {
            $result = ['values' => portable($action())];
        } catch (Throwable $error) {
            $result = ['refused' => get_class($error) . ': ' . $error->getMessage()];
        }
        file_put_contents($file, json_encode($result, JSON_THROW_ON_ERROR | JSON_INVALID_UTF8_SUBSTITUTE));
        ob_end_clean();
        exit(0);
    }
    pcntl_waitpid($child, $status);
    $result = json_decode(file_get_contents($file), true);
    unlink($file);
    return $result ?? ['refused' => 'PHP ended it'];
}

$given = json_decode(stream_get_contents(STDIN), true, 512, JSON_THROW_ON_ERROR);
echo json_encode(match ($argv[1]) {
    'env' => environments($given),
    'boot' => array_map(
        static fn (array $each) => apart(static fn () => boot($each['root'], $each['env'], $each['order'])),
        $given,
    ),
}, JSON_THROW_ON_ERROR);
