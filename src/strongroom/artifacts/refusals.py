"""Every reason for which a distribution is refused."""

from typing import Final

from strongroom.kernel.refused import Refused

REFUSALS: Final[dict[str, str]] = {
    # The name of the file
    "filename_invalid": "The file's name is not one of a wheel or an sdist.",
    "filename_too_long": "The file's name has more than 255 characters.",
    "filename_mismatch": "Name or version in the file's name are not those in its metadata.",
    "platform_tag_unsupported": "The wheel is for a platform that the index does not take wheels for.",
    # Any archive
    "archive_ambiguous": "The file can be read as two kinds of archive.",
    "archive_truncated": "The file ends before the archive does.",
    "archive_empty": "The archive has no members.",
    "archive_bomb": "The archive decompresses to more than it may.",
    "archive_too_many_members": "The archive has more members than it may.",
    "member_path_unsafe": "A member's path could leave the folder that it is unpacked into, or cannot exist everywhere.",
    "member_duplicate": "Two members have the same path.",
    "member_collision": "Two members would be one file on some file system, or one is both file and folder.",
    "member_special": "A member is not a regular file or folder: a device, FIFO, socket, or link where none may be.",
    "metadata_too_large": "METADATA, PKG-INFO, RECORD, WHEEL or entry_points.txt is larger than it may be.",
    # ZIP files (wheels)
    "zip_invalid": "The file is not a ZIP file from its first byte to its last.",
    "zip_directory_too_large": "The central directory of the ZIP file is larger than it may be.",
    "zip_mismatch": "The ZIP file's records contradict each other.",
    "zip_comment": "The ZIP file or one of its members carries a comment.",
    "zip_data_descriptor": "A member's sizes stand behind its data, where readers disagree.",
    "zip_encrypted": "A member is encrypted.",
    "zip_method": "A member is compressed by something else than deflate.",
    "zip_extra_field": "A member has an extra field that is malformed, doubled or gives it another name.",
    "zip_member_name": "A member's name is not in ASCII or in UTF-8 that is marked as such.",
    "zip_corrupt": "A member's data is damaged: it does not decompress to the stated size and CRC.",
    # Sdists are tar files in gzip streams
    "gzip_invalid": "The file is not one plain gzip stream.",
    "gzip_trailing_data": "There is something behind the gzip stream.",
    "gzip_corrupt": "The gzip stream is damaged: it does not decompress to the stated size and CRC.",
    "tar_invalid": "The tar stream is malformed.",
    "tar_sparse": "A member is stored as a sparse file.",
    "tar_link_outside": "A link points out of the top folder, or to nothing that can be checked.",
    "tar_set_id": "A file would be installed with a set-user-ID or set-group-ID bit.",
    # Wheels
    "wheel_dist_info": "There is not exactly one .dist-info folder, named after the wheel.",
    "wheel_data_folder": "A .data folder is not named after the wheel, or has a part that installers do not know.",
    "wheel_file_missing": "METADATA, WHEEL or RECORD is missing from the .dist-info folder.",
    "wheel_file_invalid": "The WHEEL file cannot be read, or is of a version that installers do not know.",
    "wheel_tags_mismatch": "The WHEEL file is for other Pythons or ABIs than the file's name.",
    "wheel_record_invalid": "RECORD cannot be read, or has a line that names no file, or a weak hash.",
    "wheel_record_mismatch": "RECORD and the members of the wheel are not the same.",
    "wheel_entry_points": "entry_points.txt cannot be read, or names a script that cannot be installed safely.",
    "wheel_startup_file": "The wheel installs a file that Python runs at every start.",
    # Sdists
    "sdist_top_folder": "There is not exactly one folder at the top of the sdist.",
    "sdist_missing_pkg_info": "There is no PKG-INFO file in the top folder.",
    # Core metadata
    "metadata_malformed": "METADATA or PKG-INFO cannot be read as headers and a body in UTF-8.",
    "metadata_version_unsupported": "The Metadata-Version is unknown.",
    "metadata_invalid": "A field of the metadata is not as the specification says; the field is named.",
    "version_local": "The version has a local part (+...), which a public index cannot take.",
    "requirement_direct_url": "A requirement points to an address instead of to a version.",
    "classifier_unknown": "A classifier is not on the list of trove classifiers.",
    "classifier_deprecated": "A classifier has been replaced by another.",
    "classifier_private": "The project says that it must not be uploaded.",
    "license_file_missing": "A file that License-File names is not in the distribution.",
}
"""Code -> what it means, one line each. A code never changes its meaning."""

MAX_ECHO = 120


def refusal(code: str, message: str, *, field: str | None = None) -> Refused:
    """The refusal for ``code``, which must stand in ``REFUSALS``."""
    if code not in REFUSALS:
        raise KeyError(code)
    return Refused(code, message, field=field)


def quoted(text: str) -> str:
    """``text`` between quotes, ASCII alone and at most about 200 characters, to be repeated in a message.

    What cannot be printed is escaped, so that a hostile name can neither break a header line nor forge one.
    """
    shown = ascii(text[:MAX_ECHO])
    if len(shown) > MAX_ECHO + 2:
        shown = shown[: MAX_ECHO + 1] + shown[0]
    return shown if len(text) <= MAX_ECHO else shown + "..."
