<?php

/**
 * What the kernel does with its audit log, as far as FORMAT.md tells; it shares no line with this program. Whatever PHP
 * would only warn of ends it.
 *
 *     php audit.php append FILE NAME COUNT    appends lines that name NAME and count from 0
 *     php audit.php rotate FILE BYTES         renames it to FILE.1, FILE.2 …, makes a new one, once it has so many, until stdin ends
 *     php audit.php same FILE                 exit 1 unless each of its lines is what PHP makes of it
 */

declare(strict_types=1);

set_error_handler(static function (int $level, string $message, string $file, int $line): never {
    throw new ErrorException($message, 0, $level, $file, $line);
});

const FLAGS = JSON_UNESCAPED_SLASHES | JSON_UNESCAPED_UNICODE | JSON_THROW_ON_ERROR;

function line(string $name, int $number): string
{
    return json_encode([
        'id' => sprintf('%s-%d', $name, $number),
        'action' => 'kernel.component.start',
        'org_id' => null,
        'project_id' => null,
        'user_id' => null,
        'payload' => ['name' => $name, 'number' => $number, 'filler' => str_repeat('é/', $number % 400)],
        'ip_address' => null,
        'immutable' => true,
        'legal_hold_id' => null,
        'created_at' => gmdate('Y-m-d\TH:i:sP'),
    ], FLAGS) . "\n";
}

/** In two pieces, as a full buffer would: whoever takes no notice of the lock gets in between. */
function appendInPieces(string $file, string $line): void
{
    $handle = fopen($file, 'a');
    flock($handle, LOCK_EX);
    $half = intdiv(strlen($line), 2);
    fwrite($handle, substr($line, 0, $half));
    fflush($handle);
    usleep(50);
    fwrite($handle, substr($line, $half));
    fflush($handle);
    flock($handle, LOCK_UN);
    fclose($handle);
}

function append(string $file, string $name, int $count): void
{
    for ($number = 0; $number < $count; $number++) {
        $line = line($name, $number);
        if ($number % 2 === 0) {
            file_put_contents($file, $line, FILE_APPEND | LOCK_EX);
        } else {
            appendInPieces($file, $line);
        }
    }
}

/** As logrotate does, which takes no lock. */
function rotate(string $file, int $bytes): void
{
    stream_set_blocking(STDIN, false);
    for ($number = 1; !feof(STDIN);) {
        usleep(2000);
        clearstatcache();
        fread(STDIN, 1);
        if (!file_exists($file) || filesize($file) < $bytes) {
            continue;
        }
        rename($file, "$file.$number");
        $number++;
        try {
            fclose(fopen($file, 'x'));
        } catch (ErrorException) {
            // Somebody appends, and was faster.
        }
    }
}

function same(string $file): void
{
    foreach (file($file) as $line) {
        if (json_encode(json_decode($line, false, 512, JSON_THROW_ON_ERROR), FLAGS) . "\n" !== $line) {
            fwrite(STDOUT, $line);
            exit(1);
        }
    }
}

[, $command, $file] = $argv;
match ($command) {
    'append' => append($file, $argv[3], (int) $argv[4]),
    'rotate' => rotate($file, (int) $argv[3]),
    'same' => same($file),
};
