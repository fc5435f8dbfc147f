<?php

/**
 * How the PHP kernel reads its configuration, as far as FORMAT.md tells: it shares no line with this program. What it
 * is to read comes as JSON on the standard input, many at once; the answers leave the same way.
 *
 *     php config.php env     [base64 of a .env file…]  ->  [[[base64 of a name, base64 of its value]…]…]
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

function env(array $files): array
{
    return array_map(static function (string $file): array {
        $pairs = [];
        foreach (readEnv(base64_decode($file), []) as $name => $value) {
            $pairs[] = [base64_encode((string) $name), base64_encode($value)];
        }
        return $pairs;
    }, $files);
}

$given = json_decode(stream_get_contents(STDIN), true, 512, JSON_THROW_ON_ERROR);
echo json_encode(match ($argv[1]) {
    'env' => env($given),
}, JSON_THROW_ON_ERROR);
