<?php
/**
 * Plugin Name: Hromada
 * Description: What stands on an article: who pays for it, who chose it, how to quote it and how to correct it.
 * Version: 1.0.0
 * Requires at least: 5.9
 * Requires PHP: 7.4
 * License: MIT
 *
 * One file: copy it to wp-content/plugins and switch it on. It keeps one option, "hromada", which goes
 * when it is switched off. See docs/wordpress.md.
 */

namespace Hromada;

defined( 'ABSPATH' ) || exit;

const OPTION   = 'hromada';
const TYPED    = 'hromada_typed';
const PAGE     = 'hromada';
const EVERY    = 0; // In the place of a category: all of them.
const PLACES   = array( 'end', 'middle', 'bar' );

/** What editors call them, in their order under a post. */
const ELEMENTS = array(
	'topic'      => 'Chosen topic',
	'quote'      => 'Quoting',
	'correction' => 'Corrections',
	'support'    => 'Appeal',
	'blocked'    => 'Word to ad blockers',
);

/** What stands inside the elements, for readers without JavaScript. */
const WORDS = array(
	'en' => array(
		'support'    => 'Our reporting is free because readers pay for it.',
		'become'     => 'Become a patron',
		'ways'       => 'See other ways to support',
		'topic'      => 'See what readers want covered',
		'quote'      => 'You may quote this article with a link to it.',
		'correction' => 'Found a mistake? Tell us',
	),
	'uk' => array(
		'support'    => 'Наші тексти вільні, бо за них платять читачі.',
		'become'     => 'Стати патроном',
		'ways'       => 'Як іще підтримати',
		'topic'      => 'Про що просять написати читачі',
		'quote'      => 'Цю статтю можна цитувати з посиланням на неї.',
		'correction' => 'Помітили помилку? Напишіть нам',
	),
	'pl' => array(
		'support'    => 'Nasze teksty są bezpłatne, bo płacą za nie czytelnicy.',
		'become'     => 'Zostań patronem',
		'ways'       => 'Zobacz inne sposoby wsparcia',
		'topic'      => 'O czym chcą czytać czytelnicy',
		'quote'      => 'Ten tekst można cytować z linkiem do niego.',
		'correction' => 'Widzisz błąd? Napisz do nas',
	),
);

add_action( 'init', __NAMESPACE__ . '\\register' );
add_action( 'admin_init', __NAMESPACE__ . '\\register_settings' );
add_action( 'admin_menu', __NAMESPACE__ . '\\add_page' );
add_action( 'wp_enqueue_scripts', __NAMESPACE__ . '\\enqueue' );
add_action( 'wp_footer', __NAMESPACE__ . '\\bar' );
add_filter( 'the_content', __NAMESPACE__ . '\\after_post', 20 );
add_filter( 'script_loader_tag', __NAMESPACE__ . '\\as_module', 10, 2 );
add_filter( 'plugin_action_links_' . plugin_basename( __FILE__ ), __NAMESPACE__ . '\\add_link' );
register_deactivation_hook( __FILE__, __NAMESPACE__ . '\\forget' );

/** The settings: where the desk is, in which language, and after posts of which categories what stands. */
function settings(): array {
	$first = array(
		'desk'     => '',
		'language' => '',
		'bar'      => false,
		'after'    => array_fill_keys( array_keys( ELEMENTS ), array() ),
		'appeals'  => array(),
	);
	return array_merge( $first, (array) get_option( OPTION, array() ) );
}

function language(): string {
	$its = settings();
	return $its['language'] ? $its['language'] : get_bloginfo( 'language' );
}

function word( string $name ): string {
	$code = strtolower( substr( language(), 0, 2 ) );
	return ( WORDS[ $code ] ?? WORDS['en'] )[ $name ];
}

function register(): void {
	$desk = settings()['desk'];
	if ( $desk ) {
		wp_oembed_add_provider( $desk . '/*', $desk . '/oembed' );
	}
	wp_register_script( 'hromada', $desk . '/embed/hromada.js', array(), null, false ); // phpcs:ignore -- the desk says for how long it may be kept.
	wp_register_script( 'hromada-blocks', false, array( 'wp-blocks', 'wp-element', 'wp-block-editor', 'wp-components', 'wp-server-side-render' ), '1.0.0', true );
	wp_add_inline_script( 'hromada-blocks', blocks_script() );
	foreach ( ELEMENTS as $element => $title ) {
		register_block_type(
			'hromada/' . $element,
			array(
				'api_version'     => 2,
				'title'           => 'Hromada: ' . $title,
				'category'        => 'widgets',
				'editor_script'   => 'hromada-blocks',
				'attributes'      => array(
					'appeal' => array( 'type' => 'string', 'default' => '' ),
					'place'  => array( 'type' => 'string', 'default' => 'end' ),
				),
				'render_callback' => static function ( $attributes ) use ( $element ) {
					return element( $element, (array) $attributes );
				},
			)
		);
	}
}

/** An element with what stands in it by itself; nothing while no desk is set. */
function element( string $name, array $attributes = array() ): string {
	$desk = settings()['desk'];
	if ( ! $desk ) {
		return '';
	}
	wp_enqueue_script( 'hromada' );
	$address = rawurlencode( (string) ( is_singular() || in_the_loop() ? get_permalink() : home_url( '/' ) ) );
	$inside  = array(
		'topic'      => link( $desk . '/topics', word( 'topic' ) ),
		'quote'      => esc_html( word( 'quote' ) ),
		'correction' => link( $desk . '/corrections/new?about=' . $address, word( 'correction' ) ),
		'support'    => esc_html( word( 'support' ) ) . ' ' . link( $desk . '/support?from=' . $address, word( 'become' ) )
			. ' · ' . link( $desk . '/support/other-ways', word( 'ways' ) ),
		'blocked'    => '',
	)[ $name ];
	$says = ' lang="' . esc_attr( language() ) . '"';
	if ( 'support' === $name ) {
		$place = in_array( $attributes['place'] ?? '', PLACES, true ) ? $attributes['place'] : 'end';
		$says .= ' place="' . esc_attr( $place ) . '"';
		if ( ! empty( $attributes['appeal'] ) ) {
			$says .= ' appeal="' . esc_attr( $attributes['appeal'] ) . '"';
		}
	}
	return "<hromada-$name$says>" . ( $inside ? "<p>$inside</p>" : '' ) . "</hromada-$name>";
}

function link( string $to, string $text ): string {
	return '<a href="' . esc_url( $to ) . '">' . esc_html( $text ) . '</a>';
}

function enqueue(): void {
	$its = settings();
	if ( $its['desk'] && ( $its['bar'] || is_singular( 'post' ) ) ) {
		wp_enqueue_script( 'hromada' );
	}
}

function as_module( string $tag, string $handle ): string {
	return 'hromada' === $handle ? str_replace( '<script ', '<script type="module" ', preg_replace( "/ type=(['\"])text\\/javascript\\1/", '', $tag ) ) : $tag;
}

function bar(): void {
	if ( settings()['bar'] && ! is_admin() ) {
		echo element( 'support', array( 'place' => 'bar' ) ); // phpcs:ignore -- escaped where it is put together.
	}
}

/** What stands under a post, by its categories. */
function after_post( string $content ): string {
	if ( ! is_singular( 'post' ) || ! in_the_loop() || ! is_main_query() || doing_filter( 'get_the_excerpt' ) || post_password_required() ) {
		return $content;
	}
	$its        = settings();
	$categories = wp_get_post_categories( get_the_ID() );
	foreach ( array_keys( ELEMENTS ) as $name ) {
		if ( array_intersect( $its['after'][ $name ] ?? array(), array( EVERY, ...$categories ) ) ) {
			$content .= element( $name, array( 'appeal' => appeal_of( $categories ) ) );
		}
	}
	return $content;
}

function appeal_of( array $categories ): string {
	$named = array_intersect_key( settings()['appeals'], array_flip( $categories ) );
	return (string) reset( $named );
}

function add_page(): void {
	add_options_page( 'Hromada', 'Hromada', 'manage_options', PAGE, __NAMESPACE__ . '\\page' );
}

/** Beside "Deactivate", where editors look for it first. */
function add_link( array $links ): array {
	$to = admin_url( 'options-general.php?page=' . PAGE );
	array_unshift( $links, '<a href="' . esc_url( $to ) . '" aria-label="Settings for Hromada">Settings</a>' );
	return $links;
}

function register_settings(): void {
	register_setting( PAGE, OPTION, array( 'sanitize_callback' => __NAMESPACE__ . '\\cleaned' ) );
}

/** What was typed as it is kept; as it stood before, where something is wrong with it. */
function cleaned( $typed ): array {
	$typed = (array) $typed;
	$as_is = array(
		'desk'     => text( $typed['desk'] ?? '' ),
		'language' => text( $typed['language'] ?? '' ),
		'bar'      => ! empty( $typed['bar'] ),
		'after'    => array(),
		'appeals'  => array(),
	);
	foreach ( array_keys( ELEMENTS ) as $name ) {
		$as_is['after'][ $name ] = array_map( 'absint', array_filter( (array) ( $typed['after'][ $name ] ?? array() ), 'is_scalar' ) );
	}
	foreach ( (array) ( $typed['appeals'] ?? array() ) as $category => $appeal ) {
		$as_is['appeals'][ absint( $category ) ] = text( $appeal );
	}
	$as_is['appeals'] = array_filter( $as_is['appeals'] );
	$wrong            = wrong( $as_is );
	if ( ! $wrong ) {
		return array_merge( $as_is, array( 'desk' => untrailingslashit( $as_is['desk'] ) ) );
	}
	add_settings_error( PAGE, PAGE, 'Nothing was saved: see below.' );
	set_transient( TYPED, array( get_current_user_id() => array( $as_is, $wrong ) ), MINUTE_IN_SECONDS );
	return settings();
}

function text( $typed ): string {
	return is_string( $typed ) ? trim( $typed ) : '';
}

/** What is wrong with what was typed, by its field. */
function wrong( array $typed ): array {
	$wrong = array();
	if ( $typed['desk'] && ! is_address( $typed['desk'] ) ) {
		$wrong['desk'] = 'This is no address of a desk. Write it as https://join.news.example.';
	}
	if ( $typed['language'] && ! preg_match( '/^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$/', $typed['language'] ) ) {
		$wrong['language'] = 'Write a language such as uk or pt-BR, or leave it empty.';
	}
	foreach ( $typed['appeals'] as $category => $appeal ) {
		if ( ! preg_match( '/^[a-z0-9]+(-[a-z0-9]+)*$/', $appeal ) ) {
			$wrong[ 'appeal-' . $category ] = 'Write its name as at the desk, such as border-towns.';
		}
	}
	return $wrong;
}

function is_address( string $typed ): bool {
	$parts = filter_var( $typed, FILTER_VALIDATE_URL ) ? wp_parse_url( $typed ) : array();
	return in_array( $parts['scheme'] ?? '', array( 'https', 'http' ), true )
		&& ! array_diff( array_keys( $parts ), array( 'scheme', 'host', 'port', 'path' ) );
}

function page(): void {
	$refused = get_transient( TYPED )[ get_current_user_id() ] ?? null;
	if ( $refused ) {
		delete_transient( TYPED );
	}
	list( $its, $wrong ) = $refused ?? array( settings(), array() );
	?>
	<div class="wrap">
		<h1>Hromada</h1>
		<form method="post" action="options.php">
			<?php settings_fields( PAGE ); ?>
			<table class="form-table" role="presentation">
				<tr>
					<th scope="row"><label for="hromada-desk">Address of the membership desk</label></th>
					<td><?php field( 'desk', 'hromada[desk]', $its['desk'], $wrong, 'class="regular-text" inputmode="url" aria-describedby="hromada-desk-error hromada-desk-about"' ); ?>
						<p class="description" id="hromada-desk-about">Such as https://join.news.example. There, in Settings, Articles, add the domain of this site.</p></td>
				</tr>
				<tr>
					<th scope="row"><label for="hromada-language">Language of the texts</label></th>
					<td><?php field( 'language', 'hromada[language]', $its['language'], $wrong, 'size="12" aria-describedby="hromada-language-error hromada-language-about"' ); ?>
						<p class="description" id="hromada-language-about">Such as uk. Empty is this site’s: <?php echo esc_html( get_bloginfo( 'language' ) ); ?>.</p></td>
				</tr>
				<tr>
					<th scope="row">At the foot of the window</th>
					<td><label><input type="checkbox" name="hromada[bar]" value="1" <?php checked( $its['bar'] ); ?>> A quiet bar on every page, until it is closed</label></td>
				</tr>
			</table>
			<h2 id="hromada-after">After posts</h2>
			<p>What stands after the posts of a category. An appeal has a name at the desk; without one it is the first.</p>
			<div style="overflow-x: auto">
			<table class="widefat striped" style="inline-size: auto" aria-labelledby="hromada-after">
				<thead><tr><th scope="col">Category</th>
					<?php
					foreach ( ELEMENTS as $title ) {
						echo '<th scope="col">' . esc_html( $title ) . '</th>';
					}
					?>
					<th scope="col">Name of the appeal</th></tr></thead>
				<tbody>
					<?php
					row( $its, $wrong, EVERY, 'Every post' );
					foreach ( get_categories( array( 'hide_empty' => false ) ) as $category ) {
						row( $its, $wrong, $category->term_id, $category->name );
					}
					?>
				</tbody>
			</table>
			</div>
			<?php submit_button(); ?>
		</form>
	</div>
	<?php
}

/** A field of one line, and under it what is wrong with it. */
function field( string $id, string $name, string $value, array $wrong, string $more ): void {
	printf(
		'<input type="text" id="hromada-%1$s" name="%2$s" value="%3$s" autocomplete="off" %4$s%5$s>',
		esc_attr( $id ),
		esc_attr( $name ),
		esc_attr( $value ),
		$more, // phpcs:ignore -- written in this file, or escaped where it is put together.
		isset( $wrong[ $id ] ) ? ' aria-invalid="true"' : ''
	);
	if ( isset( $wrong[ $id ] ) ) {
		printf( '<p id="hromada-%1$s-error" style="color: #b32d2e">%2$s</p>', esc_attr( $id ), esc_html( $wrong[ $id ] ) );
	}
}

function row( array $its, array $wrong, int $category, string $title ): void {
	echo '<tr><th scope="row">' . esc_html( $title ) . '</th>';
	foreach ( ELEMENTS as $name => $called ) {
		printf(
			'<td style="vertical-align: middle"><input type="checkbox" name="hromada[after][%1$s][]" value="%2$d" aria-label="%3$s" %4$s></td>',
			esc_attr( $name ),
			(int) $category,
			esc_attr( $title . ': ' . $called ),
			checked( in_array( $category, $its['after'][ $name ] ?? array(), true ), true, false )
		);
	}
	echo '<td>';
	if ( EVERY !== $category ) {
		$id = 'appeal-' . $category;
		field( $id, "hromada[appeals][$category]", $its['appeals'][ $category ] ?? '', $wrong, 'aria-label="' . esc_attr( $title . ': name of the appeal' ) . '" aria-describedby="hromada-' . $id . '-error"' );
	}
	echo '</td></tr>';
}

/** The blocks as the editor knows them: shown as they will be; an appeal says which, and where. */
function blocks_script(): string {
	return '( function ( blocks, element, editor, components, ServerSideRender ) {
	var h = element.createElement;
	var elements = ' . wp_json_encode( ELEMENTS ) . ';
	var places = [ [ "end", "At the end" ], [ "middle", "In the middle" ], [ "bar", "A bar at the foot of the window" ] ];
	Object.keys( elements ).forEach( function ( name ) {
		blocks.registerBlockType( "hromada/" + name, {
			apiVersion: 2,
			title: "Hromada: " + elements[ name ],
			icon: "groups",
			category: "widgets",
			attributes: { appeal: { type: "string", default: "" }, place: { type: "string", default: "end" } },
			edit: function ( props ) {
				var its = h( ServerSideRender, { block: "hromada/" + name, attributes: props.attributes } );
				var asks = name === "support" && h( editor.InspectorControls, {}, h( components.PanelBody, { title: "Appeal" },
					h( components.SelectControl, { label: "Where it stands", value: props.attributes.place,
						options: places.map( function ( its ) { return { value: its[ 0 ], label: its[ 1 ] }; } ),
						onChange: function ( place ) { props.setAttributes( { place: place } ); } } ),
					h( components.TextControl, { label: "Name of the appeal", value: props.attributes.appeal,
						help: "As at the desk; empty is the first.",
						onChange: function ( appeal ) { props.setAttributes( { appeal: appeal } ); } } ) ) );
				return h( "div", editor.useBlockProps(), its, asks );
			},
			save: function () { return null; },
		} );
	} );
}( wp.blocks, wp.element, wp.blockEditor, wp.components, wp.serverSideRender ) );';
}

/** Switched off, it leaves nothing behind: nor the frames that WordPress keeps for a day. */
function forget(): void {
	global $wpdb;
	$desk = settings()['desk'];
	if ( $desk ) {
		$frame = '%' . $wpdb->esc_like( '"' . $desk . '/embed/' ) . '%';
		$posts = $wpdb->get_col( $wpdb->prepare( "SELECT DISTINCT post_id FROM $wpdb->postmeta WHERE meta_key LIKE %s AND meta_value LIKE %s", $wpdb->esc_like( '_oembed_' ) . '%', $frame ) );
		array_map( array( $GLOBALS['wp_embed'], 'delete_oembed_caches' ), $posts );
		$shown = $wpdb->get_col( $wpdb->prepare( "SELECT option_name FROM $wpdb->options WHERE option_name LIKE %s AND option_value LIKE %s", $wpdb->esc_like( '_transient_oembed_' ) . '%', $frame ) );
		array_map( 'delete_transient', preg_replace( '/^_transient_/', '', $shown ) );
	}
	delete_option( OPTION );
	delete_transient( TYPED );
}
