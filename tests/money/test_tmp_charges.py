from tests.money import test_charges as c


def test_many(superuser_url):
    c.test_what_was_charged_is_mirrored_and_was_asked_for_wherever_a_process_dies(superuser_url, 91, 110)
