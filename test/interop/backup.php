<?php

/**
 * What the PHP CLI does with backups, as far as FORMAT.md tells: a second reader and writer of the format, which shares
 * no line with this program. Whatever PHP would only warn of ends it.
 *
 *     php backup.php run --backups DIR --datasets JSON [--label TEXT]    prints the id
 *     php backup.php verify --backups DIR --id ID                        a line each; exit 1 unless all match
 *     php backup.php restore --backups DIR --id ID                       a line each
 *     php backup.php rewrite FILE                                        prints it as it would be written
 */

declare(strict_types=1);

set_error_handler(static function (int $level, string $message, string $file, int $line): never {
    throw new ErrorException($message, 0, $level, $file, $line);
});

function encode(mixed $value): string
{
    return json_encode($value, JSON_PRETTY_PRINT | JSON_UNESCAPED_SLASHES | JSON_THROW_ON_ERROR);
}

function decode(string $text): mixed
{
    return json_decode($text, true, 512, JSON_THROW_ON_ERROR);
}

function now(): string
{
    return gmdate(DATE_ATOM);
}

function makeDirectory(string $directory): void
{
    if (!is_dir($directory)) {
        mkdir($directory, 0775, true);
    }
}

/** Two runs of one second and label: the second dies of `mkdir(): File exists`. Two sources with one basename share a copy. */
function run(string $backups, string $label, array $configured): int
{
    $id = gmdate('Ymd_His');
    if (!empty($label)) {
        $id .= '_' . preg_replace('/[^a-zA-Z0-9_-]/', '-', $label);
    }
    mkdir("$backups/$id/datasets", 0775, true);
    $datasets = [];
    foreach ($configured as ['name' => $name, 'source' => $source]) {
        if (!file_exists($source)) {
            continue;
        }
        $copy = "$backups/$id/datasets/" . basename($source);
        copy($source, $copy);
        $datasets[$name] = [
            'algorithm' => 'sha256',
            'hash' => hash_file('sha256', $copy),
            'source' => $source,
            'backup' => $copy,
        ];
    }
    $metadata = ['label' => $label, 'connection' => 'magdsdb'];
    $manifest = ['id' => $id, 'created_at' => now(), 'datasets' => $datasets, 'metadata' => $metadata];
    file_put_contents("$backups/$id/manifest.json", encode($manifest));
    echo "$id\n";
    return 0;
}

/** The time is written whatever the result. */
function verify(string $file): int
{
    $manifest = decode(file_get_contents($file));
    $success = true;
    foreach ($manifest['datasets'] as $name => $dataset) {
        $hash = is_file($dataset['backup']) ? hash_file($dataset['algorithm'], $dataset['backup']) : null;
        $matches = $hash === $dataset['hash'];
        $success = $success && $matches;
        echo ($matches ? 'match ' : 'mismatch ') . $name . "\n";
    }
    $manifest['metadata']['last_verified_at'] = now();
    file_put_contents($file, encode($manifest));
    return $success ? 0 : 1;
}

function restore(string $file): int
{
    foreach (decode(file_get_contents($file))['datasets'] as $name => $dataset) {
        // No place to go back to: it is passed over.
        if (!isset($dataset['source']) || !is_file($dataset['backup'])) {
            continue;
        }
        makeDirectory(dirname($dataset['source']));
        copy($dataset['backup'], $dataset['source']);
        echo "restored $name\n";
    }
    return 0;
}

function main(array $arguments): int
{
    $command = array_shift($arguments);
    if ($command === 'rewrite') {
        echo encode(decode(file_get_contents($arguments[0])));
        return 0;
    }
    $options = ['label' => ''];
    while (($argument = array_shift($arguments)) !== null) {
        [$name, $value] = explode('=', $argument, 2) + [1 => null];
        $options[substr($name, 2)] = $value ?? array_shift($arguments);
    }
    $backups = $options['backups'];
    return match ($command) {
        'run' => run($backups, $options['label'], decode($options['datasets'])),
        'verify' => verify("$backups/{$options['id']}/manifest.json"),
        'restore' => restore("$backups/{$options['id']}/manifest.json"),
    };
}

try {
    exit(main(array_slice($argv, 1)));
} catch (Throwable $error) {
    fwrite(STDERR, "$error\n");
    exit(2);
}
