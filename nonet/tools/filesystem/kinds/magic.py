"""What a binary file looks like by its first bytes, for those that are refused."""

from __future__ import annotations

_SIGNATURES: tuple[tuple[bytes, str], ...] = (
    (b"\x89PNG\r\n\x1a\n", "a PNG image"),
    (b"\xff\xd8\xff", "a JPEG image"),
    (b"GIF8", "a GIF image"),
    (b"BM", "a BMP image"),
    (b"II*\0", "a TIFF image"),
    (b"MM\0*", "a TIFF image"),
    (b"%PDF-", "a PDF document"),
    (b"PAR1", "Parquet data"),
    (b"ARROW1", "Arrow data"),
    (b"ORC", "ORC data"),
    (b"Obj\x01", "Avro data"),
    (b"SQLite format 3\0", "a SQLite database"),
    (b"\x89HDF\r\n\x1a\n", "HDF5 data"),
    (b"CDF", "NetCDF data"),
    (b"PK\3\4", "a ZIP archive"),
    (b"PK\5\6", "an empty ZIP archive"),
    (b"\x1f\x8b", "gzip-compressed data"),
    (b"BZh", "bzip2-compressed data"),
    (b"\xfd7zXZ\0", "xz-compressed data"),
    (b"\x28\xb5\x2f\xfd", "Zstandard-compressed data"),
    (b"\x04\x22\x4d\x18", "LZ4-compressed data"),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive"),
    (b"Rar!", "a RAR archive"),
    (b"\x7fELF", "an ELF program or library"),
    (b"MZ", "a Windows program or library"),
    (b"\xfe\xed\xfa", "a Mach-O program or library"),
    (b"\xcf\xfa\xed\xfe", "a Mach-O program or library"),
    (b"\xca\xfe\xba\xbe", "a Java class or a Mach-O library"),
    (b"\0asm", "a WebAssembly module"),
    (b"ID3", "MP3 audio"),
    (b"OggS", "Ogg audio or video"),
    (b"fLaC", "FLAC audio"),
    (b"\x1aE\xdf\xa3", "Matroska or WebM video"),
    (b"ggml", "a GGML model of the format before GGUF"),
    (b"ggjt", "a GGML model of the format before GGUF"),
    (b"\x80\x02", "a Python pickle"),
    (b"\x80\x03", "a Python pickle"),
    (b"\x80\x04", "a Python pickle"),
    (b"\x80\x05", "a Python pickle"),
    (b"\xff\xfe", "UTF-16 text"),
    (b"\xfe\xff", "UTF-16 text"),
)


def looks_like(head: bytes) -> str:
    """Return what a file looks like by its first bytes, "" if nothing is known of them; 512 bytes do."""
    for signature, name in _SIGNATURES:
        if head.startswith(signature):
            return name
    if head[:4] == b"RIFF" and len(head) >= 12:
        return {b"WAVE": "WAV audio", b"WEBP": "a WebP image", b"AVI ": "AVI video"}.get(head[8:12], "RIFF data")
    later = (
        (head[4:8] == b"ftyp", "MP4 video"),
        (head[4:8] == b"TFL3", "a TensorFlow Lite model"),
        (head[257:262] == b"ustar", "a tar archive"),
        (bool(head) and not head.strip(b"\0"), "zero bytes at its start"),
    )
    return next((name for matches, name in later if matches), "")
